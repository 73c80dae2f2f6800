// Followers in three lanes: drag a card (mouse, pen, touch by its handle), or take the handle and
// press the arrow keys. The server moves and says in words what it did (event nopeek:said).

const FAR = 6; // pixels before a press becomes a drag
const EDGE = 72; // pixels from the rim of the window where it scrolls

export default function people(root) {
  const board = () => root.querySelector("#people");
  const name = (card) => card.dataset.username;
  const card = (username) => board().querySelector(`[data-lane] [data-username="${CSS.escape(username)}"]`);
  let drag = null; // {card, x, y, ghost}
  let focus = null; // whose handle has the focus once the lanes are drawn anew

  const move = (names, closeness) =>
    window.htmx.ajax("POST", root.dataset.move, {
      target: board(),
      swap: "outerHTML",
      values: { person: names, closeness },
    });

  root.addEventListener("htmx:afterSettle", () => {
    if (focus) card(focus)?.querySelector("[data-grip]").focus();
    focus = null;
  });
  root.addEventListener("submit", (event) => {
    if (event.target.id === "move") focus = root.querySelector("[name=person]:checked")?.value;
  });

  // --- keys -----------------------------------------------------------------------------

  root.addEventListener("keydown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip) return;
    const here = grip.closest(".person");
    const aside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!aside && !along) return;
    event.preventDefault();
    if (along) {
      const grips = [...here.parentElement.querySelectorAll("[data-grip]")];
      return grips[grips.indexOf(grip) + along]?.focus();
    }
    const closeness = Number(here.closest("[data-lane]").dataset.closeness) + aside;
    if (closeness < 0 || closeness > 2) return;
    focus = name(here);
    move([focus], closeness);
  });

  // --- pointers -------------------------------------------------------------------------

  const target = ({ clientX, clientY }) =>
    document.elementFromPoint(clientX, clientY)?.closest("[data-drop], #people [data-lane]");

  const mark = (over) => {
    for (const one of root.querySelectorAll(".drop-here")) one.classList.remove("drop-here");
    over?.classList.add("drop-here");
  };

  /** Everybody who moves with a card: all that are chosen, if it is one of them. */
  const company = (one) => {
    const chosen = [...root.querySelectorAll("[data-lane] [name=person]:checked")].map((box) => box.value);
    return chosen.includes(name(one)) ? chosen : [name(one)];
  };

  const lift = () => {
    const box = drag.card.getBoundingClientRect();
    drag.ghost = drag.card.cloneNode(true);
    drag.ghost.classList.add("person--ghost");
    drag.ghost.style.width = `${box.width}px`;
    drag.ghost.setAttribute("aria-hidden", "true");
    drag.dx = drag.x - box.left;
    drag.dy = drag.y - box.top;
    drag.card.classList.add("person--lifted");
    board().classList.add("people--dragging");
    board().append(drag.ghost);
  };

  const end = () => {
    drag?.ghost?.remove();
    drag?.card.classList.remove("person--lifted");
    board().classList.remove("people--dragging");
    mark(null);
    drag = null;
  };

  root.addEventListener("pointerdown", (event) => {
    const one = event.target.closest("[data-lane] .person");
    if (!one || event.button !== 0 || !event.isPrimary) return;
    const byHandle = event.target.closest("[data-grip]");
    const byCard = event.pointerType === "mouse" && !event.target.closest("input, details");
    if (byHandle || byCard) drag = { card: one, x: event.clientX, y: event.clientY };
  });

  addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.ghost) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
      lift();
    }
    drag.ghost.style.translate = `${event.clientX - drag.dx}px ${event.clientY - drag.dy}px`;
    if (event.clientY < EDGE) scrollBy(0, -12);
    if (event.clientY > innerHeight - EDGE) scrollBy(0, 12);
    mark(target(event));
  });

  addEventListener("pointerup", (event) => {
    if (!drag?.ghost) return (drag = null);
    const over = target(event);
    const from = drag.card.closest("[data-lane]").dataset.closeness;
    const names = company(drag.card);
    const to = over?.dataset.drop ?? over?.dataset.closeness;
    // The press began on a link perhaps: it was no click.
    const still = (click) => click.preventDefault();
    addEventListener("click", still, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", still, { capture: true }));
    end();
    if (to !== undefined && (to !== from || names.length > 1)) move(names, to);
  });
  addEventListener("pointercancel", end);
  addEventListener("keydown", (event) => event.key === "Escape" && end());
  root.addEventListener("dragstart", (event) => event.preventDefault());
}
