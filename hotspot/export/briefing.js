/* One file's maps, drawn by the page's own scripts from the payloads beside them; arrow keys go from card to card. */
(function () {
  "use strict";
  const payload = function (id) { return JSON.parse(document.getElementById(id).textContent); };

  document.querySelectorAll(".map").forEach(function (box) {
    const overlay = payload(box.dataset.overlay);
    const map = L.map(box, {
      zoomControl: false, attributionControl: false, zoomSnap: 0.1, zoomDelta: 1, wheelPxPerZoomLevel: 120,
      maxZoom: 19, minZoom: 6, scrollWheelZoom: false,
    });
    map.setView(L.latLngBounds(overlay.view).getCenter(), 9, { animate: false });
    Hotspots.base(map, payload(box.dataset.base));
    new Hotspots.Overlay(overlay).addTo(map);
    /* The wheel moves the page until the reader takes hold of a map. */
    map.on("focus", function () { map.scrollWheelZoom.enable(); });
    map.on("blur", function () { map.scrollWheelZoom.disable(); });
    box.hotspotsMap = map;
  });

  const sections = Array.from(document.querySelectorAll("section"));
  document.addEventListener("keydown", function (event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest(".map, details, input")) return;
    const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    if (!step) return;
    const top = sections.map(function (section) { return section.getBoundingClientRect().top; });
    const now = top.filter(function (each) { return each < 60; }).length - 1;
    const next = sections[Math.min(Math.max(now + step, 0), sections.length - 1)];
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView();
  });
})();
