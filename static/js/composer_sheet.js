// On phones the list is a sheet of two heights under the picture: by hand, buttons and keys.
// It has two leaves: what was found, and the words with their audience.

const FAR = 48; // px a hand moves until it is a wish
const NARROW = matchMedia("(max-width: 999px)");

export function sheet(root) {
  const head = root.querySelector("[data-sheet-head]");
  if (!head) return;
  const grip = head.querySelector("[data-grip-sheet]");
  const tabs = [...head.querySelectorAll("[role=tab]")];
  let from = null;
  let moved = false;

  const rise = (high) => {
    root.dataset.sheet = high ? "high" : "low";
    grip.setAttribute("aria-expanded", String(high));
  };
  const turn = (leaf, focus = false) => {
    root.dataset.leaf = leaf;
    for (const tab of tabs) {
      const on = tab.dataset.leaf === leaf;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      if (on && focus) tab.focus();
    }
  };

  grip.addEventListener("click", () => moved || rise(root.dataset.sheet !== "high"));
  grip.addEventListener("keydown", (event) => {
    const high = { ArrowUp: true, ArrowDown: false, Escape: false }[event.key];
    if (high === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    rise(high);
  });
  for (const [at, tab] of tabs.entries()) {
    tab.addEventListener("click", () => {
      if (moved) return;
      // A leaf that is open already: the tab works as the grip does.
      if (root.dataset.leaf === tab.dataset.leaf) rise(root.dataset.sheet !== "high");
      turn(tab.dataset.leaf);
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      turn(tabs[(at + step + tabs.length) % tabs.length].dataset.leaf, true);
    });
  }

  head.addEventListener("pointerdown", (event) => {
    if (!NARROW.matches || event.button) return;
    from = { y: event.clientY, height: height() };
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const up = from.y - event.clientY;
    if (!moved && Math.abs(up) < 6) return;
    moved = true;
    root.classList.add("composer--dragging");
    root.style.setProperty("--sheet", `${Math.max(120, Math.min(innerHeight * 0.54, from.height + up))}px`);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    addEventListener(kind, (event) => {
      if (!from) return;
      const up = from.y - event.clientY;
      from = null;
      root.classList.remove("composer--dragging");
      root.style.removeProperty("--sheet");
      if (moved && Math.abs(up) > FAR) rise(up > 0);
      setTimeout(() => (moved = false)); // the click that follows a drag is none
    });
  }

  // Whoever types needs room; whoever asks who may see it is led there.
  root.addEventListener("focusin", ({ target }) => {
    if (NARROW.matches && target.closest(".composer__foot textarea, .dossier__side :is(textarea, input[type=number])")) rise(true);
  });
  root.querySelector("[data-audience-chip]")?.addEventListener("click", (event) => {
    if (!NARROW.matches) return;
    event.preventDefault();
    turn("post");
    rise(true);
    const chosen = root.querySelector("[name=audience]:checked") ?? root.querySelector("[name=audience]");
    chosen?.focus({ preventScroll: true });
    chosen?.closest(".audience__one")?.scrollIntoView({ block: "nearest" });
  });

  const height = () => root.querySelector(root.dataset.leaf === "post" ? ".composer__foot" : ".dossier:not([hidden]) .dossier__side")?.offsetHeight ?? 240;

  turn("list");
  rise(false);
  return {
    /** Shows the list, high enough to work in it. */
    list: () => {
      if (!NARROW.matches) return;
      turn("list");
    },
  };
}
