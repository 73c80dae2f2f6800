// Places in the picture, in 0..1 of it: boxes, polygons and strokes of a brush.

export const LEAST = 0.008;
const NS = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const unit = (value) => Math.min(1, Math.max(0, value));

/** The box between two corners. */
export const between = ([ax, ay], [bx, by]) => [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];

export const large = ([x0, y0, x1, y1]) => x1 - x0 >= LEAST && y1 - y0 >= LEAST;

/** The same region elsewhere, kept within the picture. */
export function shifted(region, dx, dy) {
  const [x0, y0, x1, y1] = region.box;
  return stretched(region, [
    x0 + Math.min(1 - x1, Math.max(-x0, dx)),
    y0 + Math.min(1 - y1, Math.max(-y0, dy)),
    x1 + Math.min(1 - x1, Math.max(-x0, dx)),
    y1 + Math.min(1 - y1, Math.max(-y0, dy)),
  ]);
}

/** The same region in another box; a drawing goes along, another outline is given up. */
export function stretched(region, box) {
  const [x0, y0, x1, y1] = region.box;
  const sx = (box[2] - box[0]) / (x1 - x0);
  const sy = (box[3] - box[1]) / (y1 - y0);
  const outline = region.manual
    ? region.outline.map(([x, y]) => [unit(box[0] + (x - x0) * sx), unit(box[1] + (y - y0) * sy)])
    : [];
  const brush = Math.min(0.25, region.brush * Math.max(sx, sy));
  return { ...region, box, outline, brush };
}

/** The box with the side or corner `grip` ("n", "se", …) at a point. */
export function gripped(box, grip, [x, y]) {
  let [x0, y0, x1, y1] = box;
  if (grip.includes("w")) x0 = Math.min(x, x1 - LEAST);
  if (grip.includes("e")) x1 = Math.max(x, x0 + LEAST);
  if (grip.includes("n")) y0 = Math.min(y, y1 - LEAST);
  if (grip.includes("s")) y1 = Math.max(y, y0 + LEAST);
  return [x0, y0, x1, y1].map(unit);
}

export const GRIPS = { nw: [0, 0], n: [0.5, 0], ne: [1, 0], e: [1, 0.5], se: [1, 1], s: [0.5, 1], sw: [0, 1], w: [0, 0.5] };

/** What the server is told of a place. */
export function placed({ box, outline, brush, manual }) {
  return manual && outline.length ? { outline, brush } : outline.length ? { box, outline } : { box };
}

/** A region as an element of a drawing of w x h. */
export function drawn({ box, outline, brush, manual }, w, h) {
  const points = outline.map(([x, y]) => `${x * w},${y * h}`).join(" ");
  if (manual && brush && outline.length) {
    const line = outline.length > 1 ? points : `${points} ${points}`;
    return svg("polyline", { points: line, class: "stroke", "stroke-width": 2 * brush * Math.max(w, h) });
  }
  if (manual && outline.length) return svg("polygon", { points });
  const [x0, y0, x1, y1] = box;
  return svg("rect", { x: x0 * w, y: y0 * h, width: (x1 - x0) * w, height: (y1 - y0) * h, rx: Math.min(w, h) * 0.004 });
}

/** A line with fewer points that stays within `off` of the old one (Douglas and Peucker). */
export function thinned(points, off, aspect) {
  if (points.length < 3) return points;
  const [ax, ay] = points[0];
  const [bx, by] = points.at(-1);
  const [dx, dy] = [bx - ax, (by - ay) * aspect];
  const length = Math.hypot(dx, dy);
  let [far, at] = [0, 0];
  for (let i = 1; i < points.length - 1; i++) {
    const [px, py] = [points[i][0] - ax, (points[i][1] - ay) * aspect];
    const away = length ? Math.abs(px * dy - py * dx) / length : Math.hypot(px, py);
    if (away > far) [far, at] = [away, i];
  }
  if (far <= off) return [points[0], points.at(-1)];
  return [...thinned(points.slice(0, at + 1), off, aspect).slice(0, -1), ...thinned(points.slice(at), off, aspect)];
}
