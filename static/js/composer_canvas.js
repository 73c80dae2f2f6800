// The picture with its regions: choose, draw, move and resize them with mouse, pen, fingers
// or keys. It changes nothing by itself: what was done goes to `act`, as a region before and after.

import { whisper, word } from "./composer_api.js";
import { GRIPS, between, drawn, gripped, large, shifted, stretched, svg, thinned } from "./composer_shapes.js";
import { View } from "./composer_view.js";

const TOOLS = { v: "select", r: "box", p: "polygon", b: "brush" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 0.01;
const REST = 450; // ms after the last key until a move is saved
const MANY = 14; // regions from which on only the chosen one shows its number

export class Canvas {
  constructor(dossier, act) {
    Object.assign(this, { dossier, act, tool: "select", chosen: null, regions: [], pointers: new Map(), brush: 0.02 });
    this.frame = dossier.querySelector("[data-view]");
    this.svg = dossier.querySelector(".regions");
    [this.w, this.h] = [Number(dossier.dataset.width), Number(dossier.dataset.height)];
    this.view = new View(this.frame, dossier.querySelector("[data-fit]"), () => this.#measure());
    this.frame.addEventListener("pointerdown", (event) => this.#down(event));
    this.frame.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) this.frame.addEventListener(kind, (event) => this.#up(event));
    this.svg.addEventListener("keydown", (event) => this.#regionKey(event));
    this.svg.addEventListener("focusin", (event) => this.choose(event.target.closest(".region")?.dataset.region ?? null, true));
    this.svg.addEventListener("pointerover", (event) => this.act.light(event.target.closest(".region")?.dataset.region));
    this.svg.addEventListener("pointerleave", () => this.act.light());
    this.#toolbar();
  }

  /** Shows these regions; what is chosen and focused stays so. */
  show(regions) {
    if (this.gesture || this.nudge) return (this.late = regions);
    const focused = this.svg.contains(document.activeElement) ? this.chosen : null;
    this.regions = regions;
    const groups = regions
      .slice()
      .sort((a, b) => area(b) - area(a)) // small ones on top, so that they can be reached
      .map((region) => this.#group(region));
    this.svg.replaceChildren(...groups, svg("g", { class: "grips" }), svg("g", { class: "sketch" }));
    this.svg.classList.toggle("regions--many", regions.length > MANY);
    if (!this.find(this.chosen)) this.chosen = null;
    this.#mark();
    if (focused) this.#element(focused)?.focus({ preventScroll: true });
  }

  find(id) {
    return this.regions.find((region) => region.id === id);
  }

  choose(id, quiet = false) {
    if (this.chosen !== id) this.chosen = id;
    this.#mark();
    if (!quiet && id) this.#element(id)?.focus({ preventScroll: true });
    this.act.chosen(id);
  }

  light(id, on) {
    this.#element(id)?.classList.toggle("lit", on);
  }

  use(tool) {
    this.tool = tool;
    this.#drop();
    this.frame.dataset.tool = tool;
    for (const button of this.dossier.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    const size = this.dossier.querySelector("[data-brush]");
    if (size) size.hidden = tool !== "brush";
    whisper(word(tool));
    const hint = this.dossier.querySelector("[data-hint]");
    if (hint) hint.textContent = tool === "select" ? "" : word(tool);
  }

  /** Keys that hold wherever the focus is, while nobody types. True where it was one. */
  key(event) {
    const { key } = event;
    if (key === "Escape" && (this.sketch || this.tool !== "select" || this.chosen)) {
      if (this.sketch) this.#drop();
      else if (this.tool !== "select") this.use("select");
      else this.choose(null);
    } else if (key === "Enter" && this.sketch?.corners) this.#closePolygon();
    else if (key === "Backspace" && this.sketch?.corners) {
      this.sketch.corners.pop();
      this.#sketchPolygon();
    } else if (TOOLS[key]) this.use(TOOLS[key]);
    else if (key === "n") this.#middle();
    else if (key === "+" || key === "=") this.view.by(1.4, ...this.view.middle());
    else if (key === "-") this.view.by(1 / 1.4, ...this.view.middle());
    else if (key === "0") this.view.fit();
    else if ((key === "[" || key === "]") && this.tool === "brush") this.#brushSize(this.brush * (key === "]" ? 1.25 : 0.8));
    else if (key === " " && this.frame.matches(":hover") && !event.target.closest("button, summary, .region")) this.space = true;
    else return false;
    return true;
  }

  // --- drawing what there is -----------------------------------------------------------

  #group(region) {
    const label = word("region", { number: region.number, what: region.what, state: word(region.choice === "show" ? "open" : region.choice) });
    const group = svg("g", { class: "region", tabindex: 0, role: "button", "aria-label": label });
    Object.assign(group.dataset, { region: region.id, step: region.step, choice: region.choice });
    const shape = drawn(region, this.w, this.h);
    if (shape.localName === "rect") Object.assign(shape.dataset, { region: region.id, choice: region.choice });
    const tab = svg("g", { class: "region__tab", "aria-hidden": "true" });
    const text = svg("text", { x: region.box[0] * this.w, y: region.box[1] * this.h });
    text.textContent = region.number;
    tab.append(svg("circle", { cx: region.box[0] * this.w, cy: region.box[1] * this.h }), text);
    group.append(shape, tab);
    return group;
  }

  #element(id) {
    return id ? this.svg.querySelector(`.region[data-region="${CSS.escape(id)}"]`) : null;
  }

  /** Marks the chosen region and puts handles at it. */
  #mark() {
    for (const group of this.svg.querySelectorAll(".region")) {
      group.classList.toggle("region--chosen", group.dataset.region === this.chosen);
    }
    const region = this.find(this.chosen);
    const grips = this.svg.querySelector(".grips");
    if (!grips) return;
    if (!region) return grips.replaceChildren();
    const [x0, y0, x1, y1] = region.box;
    grips.replaceChildren(
      ...Object.entries(GRIPS).map(([name, [gx, gy]]) => {
        const at = { cx: (x0 + gx * (x1 - x0)) * this.w, cy: (y0 + gy * (y1 - y0)) * this.h };
        const grip = svg("g", { class: "grip", "data-grip": name });
        grip.append(svg("circle", { ...at, class: "grip__reach" }), svg("circle", { ...at, class: "grip__dot" }));
        return grip;
      }),
    );
  }

  /** A region in the middle of a move, before anybody is told. */
  #preview(region) {
    this.regions = this.regions.map((one) => (one.id === region.id ? region : one));
    const group = this.#element(region.id);
    const fresh = this.#group(region);
    group.replaceChildren(...fresh.children);
    this.#mark();
  }

  /** How many units of the drawing a pixel of the screen is, for lines and handles. */
  #measure() {
    const { width } = this.svg.getBoundingClientRect();
    if (width) this.svg.style.setProperty("--u", this.w / width);
  }

  #at(event) {
    const frame = this.svg.getBoundingClientRect();
    const unit = (value) => Math.min(1, Math.max(0, value));
    return [unit((event.clientX - frame.left) / frame.width), unit((event.clientY - frame.top) / frame.height)];
  }

  // --- pointers ------------------------------------------------------------------------

  #down(event) {
    if (event.pointerType === "mouse" && event.button > 1) return;
    this.pointers.set(event.pointerId, event);
    this.frame.setPointerCapture(event.pointerId);
    if (this.pointers.size === 2) return this.#pinch();
    if (this.pointers.size > 2) return;
    const at = this.#at(event);
    if (event.button === 1 || this.space) this.gesture = this.#panning(event);
    else if (this.tool === "box") this.gesture = this.#boxing(at);
    else if (this.tool === "brush") this.gesture = this.#brushing(at);
    else if (this.tool === "polygon") this.gesture = { end: (last) => this.#corner(this.#at(last)) };
    else this.gesture = this.#grabbing(event, at);
    if (this.gesture && event.cancelable) event.preventDefault();
  }

  #move(event) {
    if (!this.pointers.has(event.pointerId)) {
      if (this.sketch?.corners) this.#sketchPolygon(this.#at(event));
      return;
    }
    this.pointers.set(event.pointerId, event);
    this.gesture?.follow?.(event);
  }

  #up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const gesture = this.gesture;
    if (gesture?.pinch && this.pointers.size) return;
    this.gesture = null;
    if (event.type === "pointercancel") gesture?.cancel?.();
    else gesture?.end?.(event);
    this.#settle();
  }

  /** Whatever arrived while a hand was on the picture is shown now. */
  #settle() {
    if (this.gesture || this.nudge || !this.late) return;
    const late = this.late;
    this.late = null;
    this.show(late);
  }

  /** Two fingers: what the first one had begun is dropped, nothing is painted. */
  #pinch() {
    this.gesture?.cancel?.();
    const [one, other] = [...this.pointers.values()];
    const spread = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
    const centre = (a, b) => [(a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2];
    let [wide, mid] = [spread(one, other), centre(one, other)];
    this.gesture = {
      pinch: true,
      follow: () => {
        const [a, b] = [...this.pointers.values()];
        if (!b) return;
        const now = centre(a, b);
        this.view.pan(now[0] - mid[0], now[1] - mid[1]);
        this.view.by(spread(a, b) / wide, ...now);
        [wide, mid] = [spread(a, b), now];
      },
    };
  }

  #panning(event) {
    let last = event;
    return {
      follow: (motion) => {
        this.view.pan(motion.clientX - last.clientX, motion.clientY - last.clientY);
        last = motion;
      },
    };
  }

  #grabbing(event, start) {
    const grip = event.target.closest("[data-grip]")?.dataset.grip;
    const id = grip ? this.chosen : event.target.closest(".region")?.dataset.region;
    if (!id) {
      this.choose(null);
      return this.view.zoom > 1 ? this.#panning(event) : null;
    }
    const before = this.find(id);
    this.choose(id);
    let after = before;
    return {
      follow: (motion) => {
        const [x, y] = this.#at(motion);
        const far = Math.hypot(motion.clientX - event.clientX, motion.clientY - event.clientY);
        if (after === before && far < 4) return; // a tap with a trembling hand
        after = grip ? stretched(before, gripped(before.box, grip, [x, y])) : shifted(before, x - start[0], y - start[1]);
        this.#preview(after);
      },
      end: () => (after === before ? this.act.open(id) : this.act.place(before, after)),
      cancel: () => this.#preview(before),
    };
  }

  #boxing(start) {
    const mark = svg("rect", { class: "sketch__shape" });
    this.svg.querySelector(".sketch").replaceChildren(mark);
    let box = [...start, ...start];
    return {
      follow: (motion) => {
        box = between(start, this.#at(motion));
        const [x0, y0, x1, y1] = box;
        for (const [key, value] of Object.entries({ x: x0 * this.w, y: y0 * this.h, width: (x1 - x0) * this.w, height: (y1 - y0) * this.h })) {
          mark.setAttribute(key, value);
        }
      },
      end: () => {
        this.#drop();
        if (large(box)) this.act.draw({ box });
        else whisper(word("too_small"));
      },
      cancel: () => this.#drop(),
    };
  }

  #brushing(start) {
    let line = [start];
    const paint = () => this.svg.querySelector(".sketch").replaceChildren(drawn({ outline: line, brush: this.brush, manual: true }, this.w, this.h));
    paint();
    return {
      follow: (motion) => {
        for (const one of motion.getCoalescedEvents?.() ?? [motion]) line.push(this.#at(one));
        paint();
      },
      end: () => {
        this.#drop();
        line = thinned(line, this.brush / 6, this.h / this.w).slice(0, 600);
        this.act.draw({ outline: line, brush: this.brush });
      },
      cancel: () => this.#drop(),
    };
  }

  #brushSize(radius) {
    this.brush = Math.min(0.12, Math.max(0.004, radius));
    const input = this.dossier.querySelector("[data-brush] input");
    if (input) input.value = this.brush;
  }

  // --- polygons ------------------------------------------------------------------------

  #corner(at) {
    const corners = this.sketch?.corners ?? [];
    const [first] = corners;
    const near = first && Math.hypot((first[0] - at[0]) * this.w, (first[1] - at[1]) * this.h);
    if (corners.length >= 3 && near < 14 * Number(this.svg.style.getPropertyValue("--u"))) return this.#closePolygon();
    this.sketch = { corners: [...corners, at] };
    this.#sketchPolygon();
  }

  #sketchPolygon(next) {
    const all = next ? [...this.sketch.corners, next] : this.sketch.corners;
    const points = all.map(([x, y]) => `${x * this.w},${y * this.h}`).join(" ");
    const dots = this.sketch.corners.map(([x, y]) => svg("circle", { cx: x * this.w, cy: y * this.h, class: "grip__dot" }));
    this.svg.querySelector(".sketch").replaceChildren(svg("polygon", { points, class: "sketch__shape" }), ...dots);
  }

  #closePolygon() {
    const { corners } = this.sketch;
    this.#drop();
    if (corners.length >= 3) this.act.draw({ outline: corners, brush: 0 });
  }

  #drop() {
    this.sketch = null;
    this.svg.querySelector(".sketch")?.replaceChildren();
  }

  /** A new region in the middle of what is seen, for the keyboard. */
  #middle() {
    const [x, y] = this.view.middle();
    const [cx, cy] = this.#at({ clientX: x, clientY: y });
    const half = 0.1 / this.view.zoom;
    this.act.draw({ box: [Math.max(0, cx - half), Math.max(0, cy - half), Math.min(1, cx + half), Math.min(1, cy + half)] });
  }

  // --- keys on a region ----------------------------------------------------------------

  #regionKey(event) {
    const region = this.find(event.target.closest(".region")?.dataset.region);
    if (!region || this.sketch || event.ctrlKey || event.metaKey) return;
    const way = ARROWS[event.key];
    if (way) {
      const [dx, dy] = way.map((sign) => (sign * STEP) / this.view.zoom);
      const [x0, y0, x1, y1] = region.box;
      const next = event.shiftKey ? stretched(region, gripped(region.box, "se", [x1 + dx, y1 + dy])) : shifted(region, dx, dy);
      if (event.shiftKey && x0 === next.box[0] && y0 === next.box[1] && String(next.box) === String(region.box)) return;
      this.#nudged(region, next);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.flush();
      this.act.remove(this.find(region.id));
    } else if (event.key === "Enter" || event.key === " ") this.act.open(region.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #nudged(before, after) {
    if (this.nudge && this.nudge.before.id !== before.id) this.flush();
    clearTimeout(this.nudge?.timer);
    this.nudge = { before: this.nudge?.before ?? before, after, timer: setTimeout(() => this.flush(), REST) };
    this.#preview(after);
  }

  /** Saves a move by keys that has not been saved yet. */
  flush() {
    const { nudge } = this;
    if (!nudge) return;
    clearTimeout(nudge.timer);
    this.nudge = null;
    this.act.place(nudge.before, nudge.after);
  }

  // --- tools ---------------------------------------------------------------------------

  #toolbar() {
    const bar = this.dossier.querySelector("[data-tools]");
    bar.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button?.dataset.tool) this.use(button.dataset.tool === this.tool ? "select" : button.dataset.tool);
      if (button?.dataset.zoom === "in") this.view.by(1.4, ...this.view.middle());
      if (button?.dataset.zoom === "out") this.view.by(1 / 1.4, ...this.view.middle());
      if (button?.dataset.zoom === "fit") this.view.fit();
    });
    bar.querySelector("[data-brush] input").addEventListener("input", ({ target }) => this.#brushSize(Number(target.value)));
    this.#brushSize(this.brush);
    this.frame.dataset.tool = this.tool;
  }
}

function area({ box: [x0, y0, x1, y1] }) {
  return (x1 - x0) * (y1 - y0);
}
