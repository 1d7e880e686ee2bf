/* Context layers: small symbols, each layer with a shape of its own, and outlines. A layer that stays is not drawn anew. */
(function () {
  "use strict";
  const Hotspots = (window.Hotspots = window.Hotspots || {});
  const CORNERS = {
    square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
    triangle: [[0, -1.25], [1.2, 0.95], [-1.2, 0.95]],
    diamond: [[0, -1.35], [1.35, 0], [0, 1.35], [-1.35, 0]],
    inverted: [[0, 1.25], [1.2, -0.95], [-1.2, -0.95]],
  };

  const Symbol = L.CircleMarker.extend({ _updatePath: function () { this._renderer._updateSymbol(this); } });

  L.Canvas.include({
    _updateSymbol: function (layer) {
      if (!this._drawing || layer._empty()) return;
      const context = this._ctx, at = layer._point, half = 0.45 * layer.options.size;
      context.beginPath();
      CORNERS[layer.options.symbol].forEach(function (corner, index) {
        context[index ? "lineTo" : "moveTo"](at.x + half * corner[0], at.y + half * corner[1]);
      });
      context.closePath();
      this._fillStroke(context, layer);
    },
  });

  function drawn(layer) {
    const canvas = L.canvas({ pane: "context", padding: 0.3 });
    const group = L.layerGroup();
    const line = { renderer: canvas, interactive: false, fill: false, lineJoin: "round" };
    layer.lines.forEach(function (path) {
      group.addLayer(L.polyline(path, Object.assign({ color: "#FFFFFF", weight: 3.6, opacity: 0.8 }, line)));
      group.addLayer(L.polyline(path, Object.assign({ color: layer.colour, weight: 1.8, dashArray: layer.dashes || null }, line)));
    });
    layer.at.forEach(function (position) {
      group.addLayer(new Symbol(position, {
        renderer: canvas, interactive: false, symbol: layer.symbol, size: layer.size, radius: layer.size,
        stroke: true, color: "#FFFFFF", weight: layer.size / 7, fillColor: layer.colour, fillOpacity: 0.95,
      }));
    });
    return group;
  }

  Hotspots.context = function (map, state, layers) {
    const kept = {};
    layers.forEach(function (layer) {
      kept[layer.key] = state.context[layer.key] || drawn(layer).addTo(map);
    });
    Object.keys(state.context).forEach(function (key) { if (!kept[key]) state.context[key].remove(); });
    state.context = kept;
  };
})();
