/* Numbered discs: beside their hotspot with a leader line, never on one. */
(function () {
  "use strict";
  const Hotspots = (window.Hotspots = window.Hotspots || {});
  const SVG = "http://www.w3.org/2000/svg";
  const ANGLES = [0, 180, -45, 45, -135, 135, -90, 90, -22.5, 22.5, -157.5, 157.5, -67.5, 67.5, -112.5, 112.5];

  function boxOf(map, spot) {
    const points = spot.shape.flat(2).map(function (corner) { return map.latLngToContainerPoint(corner); });
    const box = L.bounds(points);
    return { left: box.min.x - 3, right: box.max.x + 3, top: box.min.y - 3, bottom: box.max.y + 3 };
  }

  /* How far from the anchor a ray leaves a box that holds it. */
  function exit(anchor, box, dx, dy) {
    const across = dx > 0 ? (box.right - anchor.x) / dx : dx < 0 ? (box.left - anchor.x) / dx : Infinity;
    const along = dy > 0 ? (box.bottom - anchor.y) / dy : dy < 0 ? (box.top - anchor.y) / dy : Infinity;
    return Math.max(0, Math.min(across, along));
  }

  function overlap(a, b) {
    return Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
  }

  function outside(box, frame) {
    return Math.max(0, -box.left + 4) + Math.max(0, -box.top + 4) + Math.max(0, box.right - frame.x + 4) + Math.max(0, box.bottom - frame.y + 4);
  }

  function choose(anchor, own, radius, spots, taken, frame) {
    let best = null;
    [0, 10, 24, 42].forEach(function (further) {
      ANGLES.forEach(function (angle, order) {
        const dx = Math.cos((angle * Math.PI) / 180), dy = Math.sin((angle * Math.PI) / 180);
        const reach = exit(anchor, own, Math.abs(dx) < 1e-9 ? 0 : dx, Math.abs(dy) < 1e-9 ? 0 : dy) + radius + 4 + further;
        const centre = { x: anchor.x + dx * reach, y: anchor.y + dy * reach };
        const box = { left: centre.x - radius, right: centre.x + radius, top: centre.y - radius, bottom: centre.y + radius };
        let cost = order * 1.5 + 1.2 * further + 40 * outside(box, frame);
        spots.forEach(function (other) { cost += 4 * overlap(box, other); });
        taken.forEach(function (other) { cost += 12 * overlap(box, other); });
        if (!best || cost < best.cost) best = { cost: cost, centre: centre, box: box };
      });
    });
    return best;
  }

  /* Where the ray from the anchor leaves the hotspot's outline: the leader must not cover what it points at. */
  function edge(map, spot, anchor, centre) {
    let last = 0;
    const dx = centre.x - anchor.x, dy = centre.y - anchor.y;
    spot.shape.flat(1).forEach(function (ring) {
      const corners = ring.map(function (corner) { return map.latLngToContainerPoint(corner); });
      corners.forEach(function (a, index) {
        const b = corners[(index + 1) % corners.length], ex = b.x - a.x, ey = b.y - a.y, cross = dx * ey - dy * ex;
        if (Math.abs(cross) < 1e-9) return;
        const along = ((a.x - anchor.x) * ey - (a.y - anchor.y) * ex) / cross, side = ((a.x - anchor.x) * dy - (a.y - anchor.y) * dx) / cross;
        if (side >= 0 && side <= 1 && along > last && along < 1) last = along;
      });
    });
    return { x: dx * last, y: dy * last };
  }

  function line(svg, name, from, to) {
    const element = document.createElementNS(SVG, "line");
    element.setAttribute("class", name);
    element.setAttribute("x1", from.x); element.setAttribute("y1", from.y);
    element.setAttribute("x2", to.x); element.setAttribute("y2", to.y);
    svg.appendChild(element);
  }

  /* Words stand beside the disc, on the side away from the hotspot if there is room; where there is none the list has them. */
  function captionBox(spot, best, anchor, taken, frame) {
    const width = 8 + 6.2 * spot.caption.length, left = best.centre.x < anchor.x;
    const boxes = [left, !left].map(function (leftward) {
      const from = leftward ? best.box.left - width : best.box.right;
      return { leftward: leftward, left: from, right: from + width, top: best.centre.y - 9, bottom: best.centre.y + 9 };
    });
    return boxes.find(function (box) {
      return box.left > 0 && box.right < frame.x && !taken.some(function (other) { return other !== best.box && overlap(box, other) > 0; });
    });
  }

  function draw(map, spot, anchor, centre, radius, chosen, caption) {
    const element = document.createElement("div");
    element.className = "hs-badge" + (chosen ? " hs-chosen" : "");
    const to = { x: centre.x - anchor.x, y: centre.y - anchor.y };
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("aria-hidden", "true");
    const from = edge(map, spot, anchor, centre);
    line(svg, "hs-leader-casing", from, to);
    line(svg, "hs-leader", from, to);
    const disc = document.createElement("div");
    disc.className = "hs-disc";
    disc.textContent = spot.rank;
    disc.title = spot.rank + ". " + spot.label + (spot.caption ? ", " + spot.caption : "");
    Object.assign(disc.style, {
      width: 2 * radius + "px", height: 2 * radius + "px", left: to.x - radius + "px", top: to.y - radius + "px",
      lineHeight: 2 * radius - 4 + "px", fontSize: (radius > 11 ? 14 : 12) + "px",
    });
    element.appendChild(svg);
    element.appendChild(disc);
    if (caption) {
      const words = document.createElement("div");
      words.className = "hs-badge-caption";
      words.textContent = spot.caption;
      const side = caption.leftward ? -1 : 1;
      Object.assign(words.style, { left: to.x + side * (radius + 3) + "px", top: to.y - 8 + "px", transform: caption.leftward ? "translateX(-100%)" : "none" });
      element.appendChild(words);
    }
    Hotspots.float(map, "badges", element, spot.at, L.point(0, 0));
  }

  Hotspots.placeBadges = function (map, state, taken) {
    const frame = map.getSize();
    map.getPane("badges").textContent = "";
    const seen = state.badges.filter(function (spot) {
      const point = map.latLngToContainerPoint(spot.at);
      return point.x > 0 && point.y > 0 && point.x < frame.x && point.y < frame.y;
    });
    state.spotBoxes = state.badges.map(function (spot) { return boxOf(map, spot); });
    const discs = seen.map(function (spot) {
      const radius = spot.rank <= 3 ? 13 : 11, anchor = map.latLngToContainerPoint(spot.at);
      const best = choose(anchor, boxOf(map, spot), radius, state.spotBoxes, taken, frame);
      taken.push(best.box);
      return { spot: spot, radius: radius, anchor: anchor, best: best };
    });
    /* Words after all discs: none lies on another, nor on a disc. */
    discs.forEach(function (disc) {
      const caption = disc.spot.caption ? captionBox(disc.spot, disc.best, disc.anchor, taken, frame) : null;
      if (caption) taken.push(caption);
      draw(map, disc.spot, disc.anchor, disc.best.centre, disc.radius, state.chosen === disc.spot.rank, caption);
    });
  };
})();
