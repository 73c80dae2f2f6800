// The review step. The list of findings works as plain forms; this module lets the picture and
// the list talk to each other, draws regions, and saves without leaving the page.

const LEAST = 0.01;
const EVERY = 3000; // ms between looks at what is being made

export default function composer(root) {
  for (const dossier of root.querySelectorAll(".dossier")) prepare(dossier);
  film(root);

  // A photo that has just become ready gets its regions: fetch its part of the page again.
  document.addEventListener("nopeek:live", ({ detail }) => {
    if (detail.type !== "media.ready" && detail.type !== "media.stage") return;
    const dossier = document.getElementById(`media-${detail.id}`);
    const state = dossier?.querySelector(".status")?.dataset.state;
    const waits = dossier?.hasAttribute("data-making") || state === "needs_review";
    if (dossier && (detail.type === "media.ready" || waits)) refresh(dossier);
  });
  // While a version is being made, ask now and then too: a message may get lost.
  const asking = setInterval(() => {
    if (!root.isConnected) return clearInterval(asking);
    if (document.hidden) return;
    for (const dossier of root.querySelectorAll(".dossier[data-making]")) refresh(dossier);
  }, EVERY);
  root.addEventListener("htmx:afterSwap", ({ target }) => {
    const status = target.closest?.(".status") ?? target;
    const dossier = status.closest?.(".dossier");
    if (dossier?.querySelector("[data-waiting]") && !["uploaded", "sanitising", "rejected"].includes(status.dataset.state)) {
      return refresh(dossier);
    }
    if (dossier && ["ready", "needs_review"].includes(status.dataset?.state) && !dossier.querySelector(".risks")) {
      refresh(dossier);
    }
  });
}

/** Fetches the page anew and takes this photo's part of it; what was open stays open. */
async function refresh(dossier) {
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(dossier.id);
  if (!fresh) return;
  const open = [...dossier.querySelectorAll("details[open][data-category]")].map((d) => d.dataset.category);
  for (const details of fresh.querySelectorAll("details[data-category]")) {
    details.open = open.includes(details.dataset.category);
  }
  const focused = document.activeElement?.closest("[data-region]")?.dataset.region;
  const dear = dossier.querySelector(".dossier__side").scrollTop;
  dossier.replaceWith(fresh);
  window.htmx.process(fresh);
  prepare(fresh);
  fresh.querySelector(".dossier__side").scrollTop = dear;
  if (focused) fresh.querySelector(`.finding[data-region="${focused}"] select`)?.focus();
}

function prepare(dossier) {
  const svg = dossier.querySelector(".regions");
  for (const form of dossier.querySelectorAll("form[data-edit]")) edits(dossier, form);
  if (!svg) return;
  for (const rect of svg.querySelectorAll("rect")) place(rect);
  connect(dossier, svg);
  draws(dossier, svg);
}

function place(rect) {
  const [x0, y0, x1, y1] = rect.dataset.box.split(" ").map(Number);
  rect.setAttribute("x", x0);
  rect.setAttribute("y", y0);
  rect.setAttribute("width", x1 - x0);
  rect.setAttribute("height", y1 - y0);
}

/** Hovering or focusing a row lights its region up, and clicking a region opens its row. */
function connect(dossier, svg) {
  const light = (region, on) => {
    svg.querySelector(`rect[data-region="${region}"]`)?.classList.toggle("lit", on);
    dossier.querySelector(`.finding[data-region="${region}"]`)?.classList.toggle("lit", on);
  };
  for (const row of dossier.querySelectorAll(".finding")) {
    const { region } = row.dataset;
    for (const kind of ["pointerenter", "focusin"]) row.addEventListener(kind, () => light(region, true));
    for (const kind of ["pointerleave", "focusout"]) row.addEventListener(kind, () => light(region, false));
  }
  for (const rect of svg.querySelectorAll("rect")) {
    const { region } = rect.dataset;
    rect.addEventListener("pointerenter", () => light(region, true));
    rect.addEventListener("pointerleave", () => light(region, false));
    rect.addEventListener("click", () => {
      const row = dossier.querySelector(`.finding[data-region="${region}"]`);
      if (!row) return;
      row.closest("details").open = true;
      row.scrollIntoView({ block: "nearest" });
      row.querySelector("select").focus();
    });
  }
}

/** Sends JSON; answers true when done, asks where somebody would gain, says what is wrong. */
async function send(url, method, body) {
  const answer = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf },
    body: JSON.stringify(body),
  });
  if (answer.ok) return true;
  const { say } = await import("./app.js");
  const words = await answer.json().catch(() => ({}));
  if (words.code === "confirm") {
    const yes = await ask(`${words.gains} would see a part of the photo that is hidden from them now.`);
    return yes ? send(url, method, { ...body, confirmed: true }) : false;
  }
  say(words.detail ?? "That did not work. Try again.");
  return false;
}

function ask(text) {
  return new Promise((answer) => {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    const words = document.createElement("p");
    words.textContent = text;
    const verbs = document.createElement("div");
    verbs.className = "cluster";
    for (const [label, value] of [["Keep it hidden", false], ["Show it", true]]) {
      const button = document.createElement("button");
      button.className = value ? "button button--primary" : "button";
      button.textContent = label;
      button.addEventListener("click", () => {
        answer(value);
        dialog.close();
      });
      verbs.append(button);
    }
    dialog.append(words, verbs);
    dialog.addEventListener("close", () => {
      answer(false);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A changed select saves by itself; "Set" is for those without scripts. */
function edits(dossier, form) {
  const show = form.querySelector("[data-when=show]");
  const choice = form.querySelector("[name=choice]");
  const fit = () => show && (show.hidden = choice.value !== "show");
  fit();
  for (const button of form.querySelectorAll("[data-set], .kind__all > .button")) button.hidden = true;
  const save = async (extra = {}) => {
    const body = Object.fromEntries(new FormData(form));
    delete body.csrfmiddlewaretoken;
    await send(form.action, "POST", { ...body, ...extra });
    refresh(dossier);
  };
  form.addEventListener("change", () => {
    fit();
    save();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(event.submitter?.name === "remove" ? { remove: true } : {});
  });
}

/** Draw a new region with a pointer; move and resize drawn ones with pointer or keys. */
function draws(dossier, svg) {
  const button = dossier.querySelector("[data-draw]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    svg.classList.toggle("regions--draw", on);
  });

  const at = (event) => {
    const frame = svg.getBoundingClientRect();
    const unit = (value) => Math.min(1, Math.max(0, value));
    return [unit((event.clientX - frame.left) / frame.width), unit((event.clientY - frame.top) / frame.height)];
  };

  svg.addEventListener("pointerdown", (event) => {
    const moved = event.target.closest("rect[data-manual]");
    const drawing = svg.classList.contains("regions--draw");
    if (!moved && !drawing) return;
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    const start = at(event);
    const rect = drawing ? document.createElementNS(svg.namespaceURI, "rect") : moved;
    const before = drawing ? null : rect.dataset.box.split(" ").map(Number);
    if (drawing) {
      rect.setAttribute("vector-effect", "non-scaling-stroke");
      rect.classList.add("lit");
      svg.append(rect);
    }
    let box = before;
    const follow = (motion) => {
      const [x, y] = at(motion);
      if (drawing) {
        box = [Math.min(start[0], x), Math.min(start[1], y), Math.max(start[0], x), Math.max(start[1], y)];
      } else {
        box = shifted(before, x - start[0], y - start[1]);
      }
      rect.dataset.box = box.join(" ");
      place(rect);
    };
    const end = async () => {
      svg.removeEventListener("pointermove", follow);
      if (!box || box[2] - box[0] < LEAST || box[3] - box[1] < LEAST) {
        if (drawing) rect.remove();
        return;
      }
      if (drawing) await send(dossier.dataset.regions, "POST", { box });
      else if (String(box) !== String(before)) {
        await send(`${dossier.dataset.regions}/${rect.dataset.region}`, "PATCH", { box });
      } else return;
      refresh(dossier);
    };
    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerup", end, { once: true });
    svg.addEventListener("pointercancel", end, { once: true });
  });

  // Keys on the row of a drawn region: arrows move, Shift+arrows resize, Delete removes.
  dossier.addEventListener("keydown", async (event) => {
    const row = event.target.closest(".finding");
    const rect = row && svg.querySelector(`rect[data-manual][data-region="${row.dataset.region}"]`);
    if (!rect || event.target.matches("select, input, textarea")) return;
    const step = 0.01;
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    const url = `${dossier.dataset.regions}/${row.dataset.region}`;
    if (event.key === "Delete") {
      event.preventDefault();
      await send(url, "DELETE", {});
      return refresh(dossier);
    }
    if (!way) return;
    event.preventDefault();
    const box = rect.dataset.box.split(" ").map(Number);
    const next = event.shiftKey
      ? [box[0], box[1], Math.min(1, Math.max(box[0] + LEAST, box[2] + way[0])), Math.min(1, Math.max(box[1] + LEAST, box[3] + way[1]))]
      : shifted(box, ...way);
    await send(url, "PATCH", { box: next });
    refresh(dossier);
  });
  for (const rect of svg.querySelectorAll("rect[data-manual]")) {
    const row = dossier.querySelector(`.finding[data-region="${rect.dataset.region}"]`);
    if (row) row.tabIndex = 0;
  }
}

/** The same box elsewhere, kept within the picture. */
function shifted([x0, y0, x1, y1], dx, dy) {
  const x = Math.min(1 - x1, Math.max(-x0, dx));
  const y = Math.min(1 - y1, Math.max(-y0, dy));
  return [x0 + x, y0 + y, x1 + x, y1 + y];
}

function film(root) {
  const strip = root.querySelector(".film");
  if (!strip) return;
  const links = [...strip.querySelectorAll("[data-film]")];
  const show = (id) => {
    for (const dossier of root.querySelectorAll(".dossier")) dossier.hidden = dossier.dataset.media !== id;
    for (const link of links) link.toggleAttribute("aria-current", link.dataset.film === id);
  };
  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(link.dataset.film);
    });
  }
  show(links[0].dataset.film);
}
