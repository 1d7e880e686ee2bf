/* Two periods: a swipe over one map, or two maps that move together. */
(function () {
  "use strict";
  const Hotspots = (window.Hotspots = window.Hotspots || {});

  function element(parent, tag, name, text) {
    const made = document.createElement(tag);
    made.className = name;
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  }

  function rectangle(map, from, to) {
    const size = map.getSize();
    const a = map.containerPointToLayerPoint([size.x * from, 0]), b = map.containerPointToLayerPoint([size.x * to, size.y]);
    return "polygon(" + [[a.x, a.y], [b.x, a.y], [b.x, b.y], [a.x, b.y]].map(function (p) { return p[0] + "px " + p[1] + "px"; }).join(",") + ")";
  }

  function swipe(map, names) {
    const state = map.hotspots;
    const box = element(map.getContainer(), "div", "hs-swipe");
    const line = element(box, "div", "hs-swipe-line");
    const left = element(box, "div", "hs-swipe-name", names[0]), right = element(box, "div", "hs-swipe-name", names[1]);
    const input = element(box, "input", "");
    Object.assign(input, { type: "range", min: 0, max: 100, step: 1, value: state.divider || 50 });
    input.setAttribute("aria-label", "Divider: " + names[0] + " lies to its left, " + names[1] + " to its right");
    L.DomEvent.disableClickPropagation(input);
    L.DomEvent.on(input, "keydown", L.DomEvent.stopPropagation);
    const update = function () {
      const share = input.value / 100, width = map.getSize().x;
      /* The thumb's centre runs from half its width to the far end less as much. */
      const x = 17 + (width - 34) * share;
      state.divider = input.value;
      input.setAttribute("aria-valuetext", input.value + "% " + names[0]);
      line.style.left = x + "px";
      left.style.right = width - x + 10 + "px";
      right.style.left = x + 10 + "px";
      map.getPane("baseline").style.clipPath = rectangle(map, 0, x / width);
      map.getPane("raster").style.clipPath = rectangle(map, x / width, 1);
    };
    input.addEventListener("input", update);
    input.addEventListener("change", function () { Hotspots.arrange(map); });
    map.on("move zoom viewreset resize moveend zoomend", update);
    update();
    return function () {
      map.off("move zoom viewreset resize moveend zoomend", update);
      map.getPane("baseline").style.clipPath = map.getPane("raster").style.clipPath = "";
      box.remove();
    };
  }

  /* One channel per browser window and name: two windows of one analyst do not pull at each other. */
  function channelOf(name) {
    const top = window.parent;
    top.hotspotsWindow = top.hotspotsWindow || String(Math.random()).slice(2);
    return new BroadcastChannel("hotspots-" + top.hotspotsWindow + "-" + name);
  }

  function together(map, name) {
    const channel = channelOf(name);
    let following = false;
    const tell = function () {
      if (following || !map.hotspots.moved) return;
      const centre = map.getCenter();
      channel.postMessage({ centre: [centre.lat, centre.lng], zoom: map.getZoom() });
    };
    channel.onmessage = function (event) {
      following = true;
      map.hotspots.moved = true;
      map.setView(event.data.centre, event.data.zoom, { animate: false });
      following = false;
    };
    map.on("move zoomend", tell);
    return function () { map.off("move zoomend", tell); channel.close(); };
  }

  /* Set up what this overlay asks for; the same as before stays untouched. */
  Hotspots.compare = function (map, data) {
    const state = map.hotspots, wish = JSON.stringify([data.swipe, data.channel, data.caption]);
    if (state.comparing === wish) return;
    (state.endComparing || []).forEach(function (end) { end(); });
    state.comparing = wish;
    state.endComparing = [];
    if (data.swipe) state.endComparing.push(swipe(map, data.swipe));
    if (data.channel) state.endComparing.push(together(map, data.channel));
    if (data.caption) {
      const caption = element(map.getContainer(), "div", "hs-caption", data.caption);
      state.endComparing.push(function () { caption.remove(); });
    }
  };
})();
