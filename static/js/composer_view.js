// The window on the picture: zoom and pan, by wheel, keys and two fingers.

const MOST = 8;

export class View {
  /** `moved` is called whenever the scale has changed. */
  constructor(frame, sheet, moved) {
    Object.assign(this, { frame, sheet, moved, zoom: 1, x: 0, y: 0 });
    frame.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => this.apply()).observe(sheet);
  }

  /** Zooms by a factor, keeping what lies at (x, y) of the window where it is. */
  by(factor, x = innerWidth / 2, y = innerHeight / 2) {
    const { left, top } = this.frame.getBoundingClientRect();
    const zoom = Math.min(MOST, Math.max(1, this.zoom * factor));
    const [px, py] = [x - left - this.sheet.offsetLeft, y - top - this.sheet.offsetTop];
    this.x = px - ((px - this.x) * zoom) / this.zoom;
    this.y = py - ((py - this.y) * zoom) / this.zoom;
    this.zoom = zoom;
    this.apply();
  }

  middle() {
    const box = this.frame.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.apply();
  }

  fit() {
    Object.assign(this, { zoom: 1, x: 0, y: 0 });
    this.apply();
  }

  apply() {
    const { offsetWidth: w, offsetHeight: h } = this.sheet;
    const most = (size) => size * (this.zoom - 1);
    this.x = Math.min(0, Math.max(-most(w), this.x));
    this.y = Math.min(0, Math.max(-most(h), this.y));
    this.sheet.style.transform = this.zoom === 1 ? "" : `translate(${this.x}px, ${this.y}px) scale(${this.zoom})`;
    this.frame.classList.toggle("stage__view--near", this.zoom > 1);
    this.moved(this.zoom);
  }

  #wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.by(Math.exp(-event.deltaY * 0.004), event.clientX, event.clientY);
    } else if (this.zoom > 1) {
      event.preventDefault();
      this.pan(-event.deltaX, -event.deltaY);
    }
  }
}
