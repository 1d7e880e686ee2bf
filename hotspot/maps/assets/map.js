/* The map in its frame: base layers drawn once, everything that changes in one overlay.
   All text comes in as JSON and goes out through textContent: nothing is ever read as HTML. */
(function () {
  "use strict";
  const Hotspots = (window.Hotspots = window.Hotspots || {});
  const PANES = ["tiles", "land", "builtup", "wash", "baseline", "raster", "outlines", "context", "hotspots", "points", "labels", "badges"];
  const INK = "#14212B", OUTLINE = "#5B6871", CASING = "#FFFFFF", LAND = "#F8F6F1", OUT_OF_FOCUS = "#E9EBEB";
  const REPEATS = ["#7F92B2", "#1D4E89", "#14212B"];

  function polygons(shape, pane, style) {
    return L.polygon(shape, Object.assign({ pane: pane, interactive: false, smoothFactor: 0.7 }, style));
  }

  /* An outline that reads on any ground: a white line under a dark one. */
  function cased(shape, pane, width, colour, dashes) {
    const line = { fill: false, lineJoin: "round" };
    return [
      polygons(shape, pane, Object.assign({ color: CASING, weight: width + 2.9, opacity: 0.95 }, line)),
      polygons(shape, pane, Object.assign({ color: colour, weight: width, dashArray: dashes || null }, line)),
    ];
  }

  /* The base: called once, by the constant part of the page. */
  Hotspots.base = function (map, data) {
    const state = (map.hotspots = {
      data: data, view: null, pending: null, moved: false, chosen: null, overlays: 0,
      slots: {}, context: {}, focusLayers: [], focus: undefined, focusName: null, focusAreas: [], named: [], badges: [], spotBoxes: [], floating: [],
    });
    PANES.forEach(function (name, order) {
      const pane = map.createPane(name);
      pane.style.zIndex = 300 + 10 * order;
      pane.style.pointerEvents = "none";
    });
    if (data.tiles) L.tileLayer(data.tiles, { pane: "tiles", maxZoom: 20 }).addTo(map);
    else data.areas.forEach(function (area) {
      polygons(area.shape, "land", { stroke: true, color: LAND, weight: 1, fillColor: LAND, fillOpacity: 1 }).addTo(map);
    });
    if (data.built_up && !data.tiles) L.imageOverlay(data.built_up.url, data.built_up.bounds, { pane: "builtup", interactive: false }).addTo(map);
    const outlines = data.areas.map(function (area) { return cased(area.shape, "outlines", 1.1, OUTLINE); });
    outlines.forEach(function (pair) { pair[0].addTo(map); });
    outlines.forEach(function (pair) { pair[1].addTo(map); });
    L.control.zoom({ position: "bottomright", zoomInTitle: "Zoom in", zoomOutTitle: "Zoom out" }).addTo(map);
    L.control.scale({ metric: true, imperial: false, maxWidth: 110 }).addTo(map);
    const frame = map.getContainer();
    frame.setAttribute("role", "region");
    name(map, "");
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) stepInsteadOfGliding(map);
    watch(map, state, frame);
    if (data.drawing) Hotspots.drawing(map);
  };

  /* Say what is shown: to whoever steps into the map, and in the title of the frame that holds it. */
  function name(map, title) {
    const container = map.getContainer(), frame = window.frameElement;
    const said = (title || container.dataset.title || "Map").replace(/[.]?$/, ".");
    container.setAttribute("aria-label", said + " Arrow keys move it, plus and minus zoom. The table beside it says the same in words.");
    if (frame && frame.ownerDocument !== document) frame.title = said + " The table beside it says the same in words.";
  }

  function stepInsteadOfGliding(map) {
    const panBy = map.panBy;
    map.options.inertia = false;
    map.panBy = function (offset, options) { return panBy.call(map, offset, Object.assign({}, options, { animate: false })); };
  }

  function watch(map, state, frame) {
    const byHand = function () { state.moved = true; };
    frame.addEventListener("pointerdown", byHand);
    frame.addEventListener("wheel", byHand, { passive: true });
    frame.addEventListener("keydown", byHand);
    map.on("moveend zoomend", function () { Hotspots.arrange(map); });
    map.on("zoomanim", function (event) {
      state.floating.forEach(function (item) {
        const position = map._latLngToNewLayerPoint(L.latLng(item.at), event.zoom, event.center).add(item.offset);
        L.DomUtil.setPosition(item.element, position.round());
      });
    });
    new ResizeObserver(function () {
      map.invalidateSize({ animate: false, pan: false });
      if (!state.moved || state.pending) fit(map, state, state.pending || state.view);
      else Hotspots.arrange(map);
    }).observe(frame);
    /* Names are measured in the typeface; it may come after the first of them are set. */
    if (document.fonts) document.fonts.addEventListener("loadingdone", function () { Hotspots.arrange(map); });
  }

  /* A frame without a size would turn the fit into NaN: wait for the observer to see one. */
  function fit(map, state, bounds, limit) {
    if (!bounds) return;
    const size = map.getSize();
    if (size.x < 40 || size.y < 40) { state.pending = bounds; return; }
    state.pending = null;
    map.fitBounds(bounds, { animate: false, padding: [6, 6], maxZoom: limit || 15 });
  }

  function sameView(a, b) { return JSON.stringify(a) === JSON.stringify(b); }

  Hotspots.Overlay = L.Layer.extend({
    initialize: function (data) { this.data = data; this.parts = []; },
    onAdd: function (map) {
      const state = map.hotspots, data = this.data;
      this.turn = ++state.overlays;
      name(map, data.title);
      showFocus(map, state, data);
      slot(map, state, "raster", data.raster);
      slot(map, state, "baseline", data.baseline);
      Hotspots.context(map, state, data.layers);
      data.hotspots.forEach(function (spot) { this.parts.push.apply(this.parts, cased(spot.shape, "hotspots", 1.7, INK)); }, this);
      if (data.points) this.parts.push(dots(data.points));
      if (data.trail) this.parts.push.apply(this.parts, trail(data.trail));
      this.parts.forEach(function (part) { part.addTo(map); });
      state.badges = data.hotspots.filter(function (spot) { return data.badged.indexOf(spot.rank) >= 0; });
      state.named = data.named;
      state.focusName = data.drawn ? data.drawn.name : data.focus;
      state.focusAreas = data.drawn ? data.drawn.within : [data.focus];
      if (Hotspots.forgetDrawing) Hotspots.forgetDrawing(map);
      Hotspots.compare(map, data);
      move(map, state, data);
      Hotspots.arrange(map);
    },
    onRemove: function (map) {
      const state = map.hotspots, turn = this.turn;
      this.parts.forEach(function (part) { part.remove(); });
      this.parts = [];
      /* The rasters stay until the next overlay has its own: no flash. */
      setTimeout(function () {
        if (state.overlays !== turn) return;
        slot(map, state, "raster", null);
        slot(map, state, "baseline", null);
        Hotspots.context(map, state, []);
      }, 0);
    },
  });

  /* Change a raster without a gap: the old picture leaves when the new one is decoded. */
  function slot(map, state, pane, picture) {
    const old = state.slots[pane];
    if (old && picture && old.url === picture.url && sameView(old.bounds, picture.bounds)) return;
    state.slots[pane] = null;
    if (!picture) { if (old) old.layer.remove(); return; }
    const layer = L.imageOverlay(picture.url, picture.bounds, { pane: pane, interactive: false });
    if (old) layer.once("load error", function () { old.layer.remove(); });
    layer.addTo(map);
    state.slots[pane] = { url: picture.url, bounds: picture.bounds, layer: layer };
  }

  function showFocus(map, state, data) {
    const signature = JSON.stringify([data.focus, data.drawn && data.drawn.shape]);
    if (signature === state.focus) return;
    state.focus = signature;
    state.focusLayers.forEach(function (layer) { layer.remove(); });
    state.focusLayers = [];
    if (!data.focus && !data.drawn) return;
    const wash = { stroke: false, fillColor: OUT_OF_FOCUS, fillOpacity: 0.62 };
    const beyond = data.drawn ? data.drawn.beyond : state.data.areas.flatMap(function (area) { return area.name === data.focus ? [] : area.shape; });
    const chosen = data.drawn ? data.drawn.shape : state.data.areas.flatMap(function (area) { return area.name === data.focus ? area.shape : []; });
    state.focusLayers.push(polygons(beyond, "wash", wash));
    state.focusLayers.push.apply(state.focusLayers, cased(chosen, "outlines", 2.2, INK));
    state.focusLayers.forEach(function (layer) { layer.addTo(map); });
  }

  function dots(points) {
    const canvas = L.canvas({ pane: "points", padding: 0.3 });
    const group = L.layerGroup();
    points.at.forEach(function (position, index) {
      const count = points.counts ? points.counts[index] : 1;
      const step = Math.min(count, 4) - 2;
      group.addLayer(L.circleMarker(position, count < 2
        ? { renderer: canvas, interactive: false, radius: 2.2, stroke: true, color: "#FFFFFF", weight: 0.8, fillColor: INK, fillOpacity: 0.85 }
        : { renderer: canvas, interactive: false, radius: 3.2 + 1.8 * step, stroke: true, color: "#FFFFFF", weight: 1.4, fillColor: REPEATS[step], fillOpacity: 0.92 }));
    });
    return group;
  }

  /* One chain in order of time: a line through its offences, the first of them light, the last dark. */
  function trail(positions) {
    const line = { pane: "points", interactive: false, fill: false, lineJoin: "round" };
    const last = positions.length - 1;
    return [
      L.polyline(positions, Object.assign({ color: CASING, weight: 5, opacity: 0.95 }, line)),
      L.polyline(positions, Object.assign({ color: INK, weight: 1.8 }, line)),
    ].concat(positions.map(function (position, order) {
      const fill = order === 0 ? CASING : order === last ? INK : REPEATS[1];
      return L.circleMarker(position, { pane: "points", interactive: false, radius: 6, color: INK, weight: 2, fillColor: fill, fillOpacity: 1 });
    }));
  }

  /* A new selection fits the map; a chosen row moves it, without flight; nothing else does. */
  function move(map, state, data) {
    const chosen = data.chosen;
    if (!sameView(state.view, data.view)) {
      state.view = data.view;
      state.moved = false;
      fit(map, state, data.view);
    } else if (state.chosen !== chosen && chosen === null) {
      state.moved = false;
      fit(map, state, state.view);
    }
    if (chosen !== null && state.chosen !== chosen) {
      const spot = data.hotspots.filter(function (each) { return each.rank === chosen; })[0];
      if (spot) { state.moved = true; fit(map, state, L.latLngBounds(spot.shape.flat(2)).pad(1.6), 13.6); }
    }
    state.chosen = chosen;
  }

  /* Put an element at a place of the map, some pixels off, so that it rides along when the map is zoomed. */
  Hotspots.float = function (map, pane, element, at, offset) {
    element.classList.add("leaflet-zoom-animated");
    map.getPane(pane).appendChild(element);
    L.DomUtil.setPosition(element, map.latLngToLayerPoint(at).add(offset).round());
    map.hotspots.floating.push({ element: element, at: at, offset: offset });
  };

  /* Badges claim their space first, then names fill what is left. */
  Hotspots.arrange = function (map) {
    const state = map.hotspots, size = map.getSize();
    if (state.view === null || size.x < 40 || size.y < 40) return;
    const taken = Hotspots.controlBoxes(map);
    state.floating = [];
    Hotspots.placeBadges(map, state, taken);
    Hotspots.placeLabels(map, state, taken);
  };
})();
