// The threshold's curve: its point is dragged, and the counts it means are told at once.
// Without this the form below asks the server for the same figures.

export default function curve(figure) {
  const svg = figure.querySelector("svg");
  const range = document.getElementById("id_threshold");
  const points = JSON.parse(figure.dataset.points);
  const { width, height } = figure.dataset;
  if (!range || !points.length) return;

  const nearest = (value) => points.reduce((best, one) => (Math.abs(one.t - value) < Math.abs(best.t - value) ? one : best));

  function show(value) {
    const one = nearest(value);
    const x = (width * one.t) / points.at(-1).t;
    figure.querySelectorAll("[data-x]").forEach((part) => part.setAttribute("transform", `translate(${x} 0)`));
    for (const name of ["precision", "recall"]) {
      figure.querySelector(`[data-dot=${name}]`).setAttribute("cy", height * (1 - one[name]));
    }
    for (const part of document.querySelectorAll("[data-at]")) {
      part.textContent = part.dataset.at === "t" ? one.t.toFixed(2) : one[part.dataset.at];
    }
  }

  range.addEventListener("input", () => show(Number(range.value)));

  function drag(event) {
    const box = svg.querySelector("[data-frame]").getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    range.value = nearest(share * points.at(-1).t).t;
    range.dispatchEvent(new Event("input", { bubbles: true }));
  }

  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    drag(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) drag(event);
  });
  svg.dataset.live = "";
}
