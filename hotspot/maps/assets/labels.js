/* Place names: the most important first, each where it meets nothing that stands already. */
(function () {
  "use strict";
  const Hotspots = (window.Hotspots = window.Hotspots || {});
  const KINDS = {
    area: { size: 15, weight: 650, order: 0 }, town: { size: 15, weight: 650, order: 1 }, suburb: { size: 13, weight: 500, order: 2 },
    neighbour: { size: 14, weight: 600, order: 3 }, minor: { size: 12, weight: 400, order: 4 },
  };
  const ZOOM = { names: 10.6, suburb: 10.3, minor: 11.6 };
  const ROOM = 5;
  const ruler = document.createElement("canvas").getContext("2d");

  function widthOf(text, kind) {
    ruler.font = KINDS[kind].weight + " " + KINDS[kind].size + 'px "Source Sans", Arial, sans-serif';
    return ruler.measureText(text).width;
  }

  Hotspots.meets = function (a, b) { return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom; };

  /* What the buttons, the scale bar and the swipe's names cover. */
  Hotspots.controlBoxes = function (map) {
    const frame = map.getContainer().getBoundingClientRect();
    return Array.from(map.getContainer().querySelectorAll(".leaflet-control, .hs-swipe-name, .hs-caption")).map(function (element) {
      const box = element.getBoundingClientRect();
      return { left: box.left - frame.left - 3, right: box.right - frame.left + 3, top: box.top - frame.top - 3, bottom: box.bottom - frame.top + 3 };
    });
  };

  function wanted(map, state) {
    const zoom = map.getZoom(), focus = state.focusName, all = [];
    const add = function (name, at, kind, extra) { all.push(Object.assign({ name: name, at: at, kind: kind, named: false }, extra)); };
    const far = !focus && zoom < ZOOM.names;
    /* An area needs no name of its own where its town has it ('Coventry city centre'). */
    const hasTown = function (area) {
      return state.data.places.some(function (place) { return place.rank === 1 && place.lpa === area.name && place.name.indexOf(area.name) === 0; });
    };
    state.data.areas.forEach(function (area) {
      if (focus && area.name !== focus) add(area.name, area.label, "neighbour", { shape: area.shape });
      else if (far || (!focus && !hasTown(area))) add(area.name, area.label, "area", { shape: area.shape });
    });
    if (far) return all;
    state.data.places.forEach(function (place) {
      if (focus && state.focusAreas.indexOf(place.lpa) < 0) return;
      const named = state.named.indexOf(place.name) >= 0;
      const kind = place.rank === 1 ? "town" : place.rank === 2 || named ? "suburb" : "minor";
      if (kind === "suburb" && zoom < ZOOM.suburb && !named) return;
      if (kind === "minor" && zoom < ZOOM.minor) return;
      add(place.name, place.at, kind, { named: named });
    });
    return all;
  }

  /* How far a name may stray from its place: along the vertical for areas, all round for places. */
  function shifts(label, width, height) {
    const list = [], kind = label.kind;
    const steps = kind === "area" || kind === "neighbour" ? 14 : kind === "town" ? 7 : label.named ? 5 : 2;
    const asides = kind === "area" || kind === "neighbour" ? [0] : [0, 0.2, -0.2, 0.4, -0.4, 0.6, -0.6];
    for (let step = -steps; step <= steps; step++) {
      asides.forEach(function (share) { list.push([share * width, 0.55 * height * step]); });
    }
    return list;
  }

  /* Where an area's name has no room above or below its middle, it may lean sideways a little. */
  function leans(width, height) {
    const list = [];
    [0.15, 0.3, 0.45].forEach(function (share) {
      [0, -1, 1, -2, 2].forEach(function (step) {
        list.push([share * width, 0.55 * height * step], [-share * width, 0.55 * height * step]);
      });
    });
    return list;
  }

  function boxAt(centre, shift, width, height) {
    const x = centre.x + shift[0], y = centre.y + shift[1];
    return { left: x - width / 2 - 2, right: x + width / 2 + 2, top: y - height / 2 - 1, bottom: y + height / 2 + 1 };
  }

  /* Names that nobody asked for keep a distance, so that the ground stays in sight. */
  function roomy(box, label) {
    if (label.named || (label.kind !== "suburb" && label.kind !== "minor")) return box;
    return { left: box.left - ROOM, right: box.right + ROOM, top: box.top - ROOM, bottom: box.bottom + ROOM };
  }

  function crosses(point, ring) {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const a = ring[i], b = ring[j];
      if ((a.y > point.y) !== (b.y > point.y) && point.x < ((b.x - a.x) * (point.y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
    }
    return inside;
  }

  /* Share of nine points of a box that lie in an area: a name must not land in a neighbour. */
  function shareInside(box, rings) {
    let inside = 0;
    for (let i = 0; i <= 4; i++) {
      for (let j = 0; j <= 2; j++) {
        const point = { x: box.left + ((box.right - box.left) * i) / 4, y: box.top + ((box.bottom - box.top) * j) / 2 };
        if (rings.reduce(function (odd, ring) { return crosses(point, ring) ? !odd : odd; }, false)) inside += 1;
      }
    }
    return inside / 15;
  }

  function place(map, label, taken, spots, frame) {
    const width = widthOf(label.name, label.kind), height = KINDS[label.kind].size * 1.2;
    const centre = map.latLngToContainerPoint(label.at);
    const isArea = label.kind === "area" || label.kind === "neighbour";
    const rings = isArea ? label.shape.flatMap(function (polygon) {
      return polygon.map(function (ring) { return ring.map(function (corner) { return map.latLngToContainerPoint(corner); }); });
    }) : null;
    const best = among(shifts(label, width, height));
    return best || label.kind !== "area" ? best : among(leans(width, height));

    function among(candidates) {
      let best = null;
      candidates.forEach(function (shift) {
        const box = boxAt(centre, shift, width, height), room = roomy(box, label);
        if (box.left < 2 || box.top < 2 || box.right > frame.x - 2 || box.bottom > frame.y - 2) return;
        if (taken.some(function (other) { return Hotspots.meets(room, other); })) return;
        const clear = !spots.some(function (other) { return Hotspots.meets(box, other); });
        if (!clear && !(label.kind === "town" || label.kind === "area" || label.named)) return;
        const score = (rings ? shareInside(box, rings) : 1) - (clear ? 0 : 0.3) - 1e-4 * (2 * Math.abs(shift[0]) + Math.abs(shift[1]));
        if (label.kind === "neighbour" && score < 0.9) return;
        if (!best || score > best.score) best = { score: score, box: box };
      });
      return best;
    }
  }

  function draw(map, label, best) {
    const element = document.createElement("div");
    element.className = "hs-label hs-" + label.kind;
    element.textContent = label.name;
    const corner = L.point(best.box.left + 2, best.box.top + 1);
    Hotspots.float(map, "labels", element, label.at, corner.subtract(map.latLngToContainerPoint(label.at)));
  }

  Hotspots.placeLabels = function (map, state, taken) {
    const frame = map.getSize();
    map.getPane("labels").textContent = "";
    const labels = wanted(map, state).filter(function (label) {
      const point = map.latLngToContainerPoint(label.at);
      return point.x > -40 && point.y > -20 && point.x < frame.x + 40 && point.y < frame.y + 20;
    });
    const rank = function (label) { return label.named ? Math.min(KINDS[label.kind].order, 1.5) : KINDS[label.kind].order; };
    labels.sort(function (a, b) { return rank(a) - rank(b); });
    labels.forEach(function (label) {
      const best = place(map, label, taken, state.spotBoxes, frame);
      if (!best) return;
      taken.push(best.box);
      draw(map, label, best);
    });
  };
})();
