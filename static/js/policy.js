// The matrix: marks what was changed since it was kept, and asks before it is left so.

export default function policy(form) {
  const first = new Map();
  const fields = () => form.querySelectorAll("td select, td input, th [type=checkbox]");
  const value = (field) => (field.type === "checkbox" ? field.checked : field.value);
  for (const field of fields()) first.set(field, value(field));
  const dirty = () => [...first].some(([field, was]) => value(field) !== was);

  form.addEventListener("input", ({ target }) => {
    if (first.has(target)) {
      target.closest("td, th").toggleAttribute("data-touched", value(target) !== first.get(target));
    }
  });

  // Space turns a cell: by weight, shown, masked.
  form.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches("td select")) return;
    event.preventDefault();
    const order = ["weighed", "show", "veil"];
    const next = order[(order.indexOf(event.target.value) + 1) % order.length];
    event.target.value = next;
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });

  let leaving = false;
  form.addEventListener("submit", () => (leaving = true));
  addEventListener("beforeunload", (event) => {
    if (!leaving && dirty()) event.preventDefault();
  });
}
