/* Drawing an area by its corners, with the mouse or the keyboard alone. A closed area goes back to Python as the
   component's 'last_active_drawing', through the event that Leaflet.draw would send. */
(function () {
  "use strict";
  const Hotspots = (window.Hotspots = window.Hotspots || {});
  const HINT = "Click each corner; double-click or Enter closes the area, Backspace takes a corner back, Escape cancels. " +
    "By keyboard: arrow keys move the map under the cross, Space sets a corner.";
  const STYLE = { pane: "outlines", interactive: false, color: "#1D4E89", weight: 2.5, fillColor: "#1D4E89", fillOpacity: 0.1, dashArray: "6 4" };

  function icon() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 18 18");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M3 14L5 4l9-1.5L15.5 12 9 15.5z");
    path.setAttribute("fill", "none");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", "2");
    path.setAttribute("stroke-linejoin", "round");
    svg.appendChild(path);
    return svg;
  }

  function button(map, toggle) {
    const control = L.control({ position: "topleft" });
    control.onAdd = function () {
      const bar = L.DomUtil.create("div", "leaflet-bar");
      const link = L.DomUtil.create("a", "", bar);
      Object.assign(link, { href: "#", title: "Draw an area", role: "button" });
      link.setAttribute("aria-label", "Draw an area");
      link.setAttribute("aria-pressed", "false");
      link.appendChild(icon());
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(link, "click", function (event) { L.DomEvent.preventDefault(event); toggle(); });
      control.link = link;
      return bar;
    };
    return control.addTo(map);
  }

  function Sketch(map) {
    this.map = map;
    this.corners = [];
    this.active = false;
    this.closed = null;
    this.control = button(map, this.toggle.bind(this));
    this.onClick = this.onClick.bind(this);
    this.onMove = this.onMove.bind(this);
    this.onKey = this.onKey.bind(this);
    this.close = this.close.bind(this);
  }

  Sketch.prototype = {
    toggle: function () { if (this.active) this.stop(); else this.start(); },
    start: function () {
      const frame = this.map.getContainer();
      this.forget();
      this.active = true;
      this.corners = [];
      this.shape = L.polygon([], STYLE).addTo(this.map);
      this.hint = L.DomUtil.create("div", "hs-hint", frame);
      this.hint.setAttribute("role", "status");
      this.hint.textContent = HINT;
      this.cross = L.DomUtil.create("div", "hs-crosshair", frame);
      frame.classList.add("hs-drawing");
      this.control.link.setAttribute("aria-pressed", "true");
      this.map.doubleClickZoom.disable();
      this.map.on("click", this.onClick).on("mousemove", this.onMove).on("dblclick", this.close);
      frame.addEventListener("keydown", this.onKey, true);
      frame.focus({ preventScroll: true });
    },
    stop: function () {
      const frame = this.map.getContainer();
      this.active = false;
      this.shape.remove();
      this.hint.remove();
      this.cross.remove();
      frame.classList.remove("hs-drawing");
      this.control.link.setAttribute("aria-pressed", "false");
      this.map.off("click", this.onClick).off("mousemove", this.onMove).off("dblclick", this.close);
      this.map.doubleClickZoom.enable();
      frame.removeEventListener("keydown", this.onKey, true);
    },
    add: function (position) {
      const last = this.corners[this.corners.length - 1];
      /* The second click of a double click is no corner of its own. */
      if (last && this.map.latLngToContainerPoint(last).distanceTo(this.map.latLngToContainerPoint(position)) < 4) return;
      this.corners.push(position);
      this.shape.setLatLngs(this.corners);
      this.cross.hidden = true;
    },
    onClick: function (event) { this.add(event.latlng); },
    onMove: function (event) { if (this.corners.length) this.shape.setLatLngs(this.corners.concat([event.latlng])); },
    onKey: function (event) {
      const act = {
        Enter: this.close, Escape: this.stop.bind(this),
        " ": function () { this.add(this.map.getCenter()); this.cross.hidden = false; }.bind(this),
        Backspace: function () { this.corners.pop(); this.shape.setLatLngs(this.corners); }.bind(this),
      }[event.key];
      if (!act || event.target.closest("a, input")) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    },
    close: function () {
      if (this.corners.length < 3) {
        this.hint.textContent = "An area needs at least three corners. " + HINT;
        return;
      }
      this.closed = L.polygon(this.corners, STYLE);
      this.stop();
      this.closed.addTo(this.map);
      this.map.fire("draw:created", { layerType: "polygon", layer: this.closed });
    },
    forget: function () {
      if (this.closed) this.closed.remove();
      this.closed = null;
    },
  };

  Hotspots.drawing = function (map) { map.hotspots.sketch = new Sketch(map); };
  /* The page has answered with the drawn area's own overlay: the sketch has served. */
  Hotspots.forgetDrawing = function (map) { if (map.hotspots.sketch) map.hotspots.sketch.forget(); };
})();
