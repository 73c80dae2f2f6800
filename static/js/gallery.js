// Choosing photos: by box, by Shift for a range, by keys; and sensitive ones shown when asked for.

export default function gallery(form) {
  const boxes = () => [...form.querySelectorAll("input[name=media]")];
  const bar = form.querySelector("[data-bulk]");
  const count = form.querySelector("[data-count]");
  const none = form.querySelector("[data-none]");
  const idle = count.textContent;
  let anchor = null;
  form.classList.add("gallery-form--live");

  const show = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    bar.classList.toggle("bulk--out", chosen === 0);
    bar.inert = chosen === 0;
    form.classList.toggle("gallery-form--choosing", chosen > 0);
    count.textContent = chosen ? count.dataset.words.replace("%n", chosen) : idle;
    none.hidden = chosen === 0;
  };

  const range = (from, to, on) => {
    const all = boxes();
    const [a, b] = [all.indexOf(from), all.indexOf(to)].sort((x, y) => x - y);
    for (const box of all.slice(Math.max(0, a), b + 1)) box.checked = on;
  };

  const letGo = () => {
    for (const box of boxes()) box.checked = false;
    anchor = null;
    show();
  };

  // A tap on a photo opens it, until one is chosen: then it chooses.
  form.addEventListener("click", (event) => {
    const reveal = event.target.closest("[data-reveal]");
    if (reveal) return unveil(reveal);
    const box = event.target.closest("input[name=media]");
    const link = event.target.closest(".gallery__picture");
    const choosing = form.classList.contains("gallery-form--choosing");
    if (link && (choosing || event.shiftKey)) {
      event.preventDefault();
      const own = link.closest("li").querySelector("input[name=media]");
      own.checked = !own.checked;
      pick(own, event.shiftKey);
    } else if (box) {
      pick(box, event.shiftKey);
    }
  });

  const pick = (box, ranged) => {
    if (ranged && anchor && anchor !== box) range(anchor, box, box.checked);
    anchor = box;
    show();
  };

  const unveil = (button) => {
    const item = button.closest("li");
    item.removeAttribute("data-veiled");
    for (const one of item.querySelectorAll("img[src*='?as='], [srcset*='?as=']")) {
      for (const name of ["srcset", "src"]) {
        const value = one.getAttribute(name);
        if (value) one.setAttribute(name, value.replaceAll("?as=full", ""));
      }
    }
    item.querySelector(".gallery__picture").focus();
    button.remove();
  };
  for (const button of form.querySelectorAll("[data-reveal]")) button.hidden = false;

  /** The box that stands one row above or below, or one beside. */
  const neighbour = (box, key) => {
    const all = boxes();
    const index = all.indexOf(box);
    if (key === "ArrowLeft") return all[index - 1];
    if (key === "ArrowRight") return all[index + 1];
    const here = box.closest("li").getBoundingClientRect();
    const down = key === "ArrowDown";
    const rows = all
      .map((one) => [one, one.closest("li").getBoundingClientRect()])
      .filter(([, place]) => (down ? place.top > here.top + 4 : place.top < here.top - 4));
    const near = rows.map(([, place]) => place.top);
    const row = down ? Math.min(...near) : Math.max(...near);
    return rows
      .filter(([, place]) => Math.abs(place.top - row) < 4)
      .sort(([, a], [, b]) => Math.abs(a.left - here.left) - Math.abs(b.left - here.left))[0]?.[0];
  };

  form.addEventListener("keydown", (event) => {
    const item = event.target.closest(".gallery__item");
    if (event.key === "Escape" && form.classList.contains("gallery-form--choosing")) {
      letGo();
      boxes()[0]?.focus();
      return;
    }
    if (!item) return;
    const box = item.querySelector("input[name=media]");
    if (event.key === "x") {
      box.checked = !box.checked;
      pick(box, false);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      for (const one of boxes()) one.checked = true;
      show();
    } else if (event.key.startsWith("Arrow")) {
      const next = neighbour(box, event.key);
      if (!next) return;
      event.preventDefault();
      next.focus();
      if (event.shiftKey) {
        box.checked = true;
        next.checked = true;
        anchor ??= box;
        show();
      }
    }
  });

  none.addEventListener("click", letGo);
  // One menu at a time.
  for (const menu of bar.querySelectorAll("details")) {
    menu.addEventListener("toggle", () => {
      if (menu.open) for (const other of bar.querySelectorAll("details[open]")) if (other !== menu) other.open = false;
    });
  }
  show();
}
