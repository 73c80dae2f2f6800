// Several photos in one post: one is shown, and their order is changed by drag or by keys.

export function film(root, shown) {
  const strip = root.querySelector(".film");
  if (!strip) return;
  const frames = () => [...strip.querySelectorAll("[data-frame]")];
  const show = (id) => {
    root.dataset.film = id;
    for (const dossier of root.querySelectorAll(".dossier")) dossier.hidden = dossier.dataset.media !== id;
    for (const frame of frames()) {
      const on = frame.dataset.frame === id;
      frame.classList.toggle("film__one--on", on);
      const link = frame.querySelector("a");
      if (on) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    shown(id);
  };
  const fit = () => {
    const all = frames();
    all.forEach((frame, at) => {
      frame.querySelector("[data-move='-1']").disabled = at === 0;
      frame.querySelector("[data-move='1']").disabled = at === all.length - 1;
    });
  };
  const save = async () => {
    const body = new FormData();
    for (const frame of frames()) body.append("media", frame.dataset.frame);
    fit();
    await fetch(strip.dataset.order, { method: "POST", headers: { "X-CSRFToken": document.body.dataset.csrf }, body, redirect: "manual" });
  };

  strip.addEventListener("click", (event) => {
    const frame = event.target.closest("[data-frame]");
    const button = event.target.closest("[data-move]");
    if (button) {
      if (button.dataset.move === "1") frame.nextElementSibling?.after(frame);
      else frame.previousElementSibling?.before(frame);
      save();
      const other = button.disabled ? frame.querySelector("[data-move]:not(:disabled)") : button;
      other?.focus();
    } else if (event.target.closest("a")) {
      event.preventDefault();
      show(frame.dataset.frame);
    }
  });
  let dragged = null;
  strip.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-frame]");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.frame);
  });
  strip.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-frame]");
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const { left, width } = over.getBoundingClientRect();
    if (event.clientX > left + width / 2) over.after(dragged);
    else over.before(dragged);
  });
  strip.addEventListener("drop", (event) => event.preventDefault());
  strip.addEventListener("dragend", () => {
    dragged = null;
    save();
  });
  fit();
  show(frames()[0].dataset.frame);
}
