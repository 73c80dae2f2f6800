// The review step. The list of findings works as plain forms; this module makes an editor of it:
// the picture and the list talk to each other, edits are saved at once, and can be taken back.

import { tell, whisper, word } from "./composer_api.js";
import { Canvas } from "./composer_canvas.js";
import { film } from "./composer_film.js";
import { History } from "./composer_history.js";
import { looks } from "./composer_looks.js";
import { placed } from "./composer_shapes.js";
import { sheet } from "./composer_sheet.js";

const EVERY = 3000; // ms between looks at what is being made
const REST_OF_SHAPE = ["choice", "show_from", "style", "art"];
const editors = new Map(); // by id of the picture
let leaves; // the sheet of phones
const sources = new WeakMap(); // parts of the page as the server sent them

const source = (part) => part.outerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "");

export default function composer(root) {
  let current = root.querySelector(".dossier")?.dataset.media;
  for (const dossier of root.querySelectorAll(".dossier")) prepare(root, dossier);
  film(root, (id) => (current = id));
  leaves = sheet(root);

  // A photo that has just become ready gets its regions: fetch its part of the page again.
  document.addEventListener("nopeek:live", ({ detail }) => {
    if (detail.type !== "media.ready" && detail.type !== "media.stage") return;
    const dossier = document.getElementById(`media-${detail.id}`);
    const state = dossier?.querySelector(".status")?.dataset.state;
    const unmeasured = dossier?.querySelector('[data-part="meters"][hidden]');
    const waits = dossier?.hasAttribute("data-making") || state === "needs_review" || unmeasured;
    if (dossier && (detail.type === "media.ready" || waits)) refresh(root, dossier);
  });
  // While a version is being made, ask now and then too: a message may get lost.
  const asking = setInterval(() => {
    if (!root.isConnected) return clearInterval(asking);
    if (document.hidden) return;
    for (const dossier of root.querySelectorAll(".dossier[data-making]")) refresh(root, dossier);
  }, EVERY);
  document.addEventListener("nopeek:refresh", () => {
    for (const dossier of root.querySelectorAll(".dossier")) refresh(root, dossier);
  });
  root.addEventListener("htmx:afterSwap", ({ target }) => {
    const status = target.closest?.(".status") ?? target;
    const dossier = status.closest?.(".dossier");
    const seen = !["uploaded", "sanitising", "rejected"].includes(status.dataset?.state);
    const settled = ["ready", "needs_review"].includes(status.dataset?.state);
    const waits = dossier?.querySelector("[data-waiting]") && seen;
    if (dossier && (waits || (settled && !dossier.querySelector(".risks")))) refresh(root, dossier);
  });
  audience(root);
  root.ownerDocument.addEventListener("keydown", (event) => {
    const editor = editors.get(current);
    if (!editor || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input:not([type=radio], [type=range]), textarea, select");
    if (typing) return;
    const { key } = event;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") editor[event.shiftKey ? "redo" : "undo"]();
    else if (event.ctrlKey && key.toLowerCase() === "y") editor.redo();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (!editor.canvas?.key(event)) return;
    event.preventDefault();
  });
  root.ownerDocument.addEventListener("keyup", ({ key }) => {
    if (key === " ") for (const { canvas } of editors.values()) if (canvas) canvas.space = false;
  });
}

/** The editor of one photo; it outlives what is fetched anew. */
class Editor {
  constructor(root, dossier) {
    Object.assign(this, { root, dossier, url: dossier.dataset.regions });
    this.history = new History((data) => this.#changed(data));
    if (!dossier.querySelector(".regions")) return;
    this.canvas = new Canvas(dossier, {
      chosen: (id) => this.#chosen(id),
      open: (id) => this.open(id),
      light: (id) => this.#light(id),
      draw: (shape) => this.draw(shape),
      place: (before, after) => this.place(before, after),
      remove: (region) => this.remove(region),
    });
    const bar = dossier.querySelector("[data-tools]");
    bar.querySelector("[data-undo]").addEventListener("click", () => this.undo());
    bar.querySelector("[data-redo]").addEventListener("click", () => this.redo());
    bar.querySelector("[data-help]").addEventListener("click", () => document.getElementById("keys-help")?.showModal());
  }

  /** Reads the list and shows the same on the picture. */
  list() {
    this.regions = [...this.dossier.querySelectorAll(".finding")].map((row) => ({
      ...JSON.parse(row.dataset.shape),
      number: row.dataset.number,
      what: row.dataset.what,
      step: row.dataset.step,
      category: row.closest("[data-category]").dataset.category,
    }));
    this.canvas?.show(this.regions);
    for (const row of this.dossier.querySelectorAll(".finding")) this.#row(row);
    for (const form of this.dossier.querySelectorAll("form[data-kind]")) this.#kind(form);
    if (this.canvas?.chosen) this.#chosen(this.canvas.chosen);
    this.#buttons();
  }

  find(id) {
    return this.regions.find((region) => region.id === id);
  }

  undo() {
    this.canvas?.flush();
    return this.history.undo();
  }

  redo() {
    this.canvas?.flush();
    return this.history.redo();
  }

  async draw(shape) {
    this.canvas.use("select"); // before the answer: by then another tool may be in hand
    const answer = await this.history.act({
      what: word("drawn"),
      redo: { url: this.url, method: "POST", body: shape },
      undo: ({ added }) => ({ url: `${this.url}/${added}`, method: "DELETE" }),
      again: ({ added }) => ({ url: this.url, method: "POST", body: { ...shape, id: added } }),
    });
    if (answer.ok) this.canvas.choose(answer.data.added);
  }

  place(before, after) {
    const url = `${this.url}/${before.id}`;
    return this.history.act({
      what: word("moved"),
      redo: { url, method: "PATCH", body: placed(after) },
      undo: { url, method: "PATCH", body: placed(before) },
    });
  }

  remove(region) {
    const url = `${this.url}/${region.id}`;
    const back = Object.fromEntries(REST_OF_SHAPE.map((key) => [key, region[key]]));
    return this.history.act({
      what: word(region.manual ? "removed" : "shown"),
      redo: { url, method: "DELETE" },
      undo: region.manual
        ? { url: this.url, method: "POST", body: { ...placed(region), ...back, id: region.id } }
        : { url, method: "PATCH", body: back },
    });
  }

  #alike(category) {
    return this.regions.filter((region) => region.category === category);
  }

  /** Gives regions back what they had, all in one request. */
  #restored(regions) {
    const changes = regions.map(({ id, choice, show_from, style, art }) => ({ id, choice, show_from, style, art }));
    return { url: this.url, method: "PATCH", body: { changes } };
  }

  /** A changed control saves by itself; "Set" is for those without scripts. */
  #row(row) {
    const { region: id } = row.dataset;
    const form = row.querySelector("form");
    const details = row.querySelector("details");
    const show = form.querySelector("[data-when=show]");
    const fit = () => (show.hidden = new FormData(form).get("choice") !== "show");
    fit();
    form.querySelector("[data-set]").hidden = true;
    const opened = () => {
      if (details.open && details.closest(".kind").open) looks(row, this.find(id));
    };
    details.addEventListener("toggle", opened);
    // Not on toggle: a row that arrives open says so too, and nobody has chosen it.
    details.querySelector("summary").addEventListener("click", () => this.canvas?.choose(id, true));
    if (details.open && !details.closest(".kind:not([open])")) looks(row, this.find(id));
    row.closest(".kind").addEventListener("toggle", () => details.open && looks(row, this.find(id)));
    for (const [kind, on] of [["pointerenter", true], ["pointerleave", false]]) {
      row.addEventListener(kind, () => this.canvas?.light(id, on));
    }
    const body = () => {
      const { choice, show_from, style } = Object.fromEntries(new FormData(form));
      const [look, art = ""] = (style ?? "").split(":");
      return { choice, show_from, style: look, art };
    };
    const url = `${this.url}/${id}`;
    form.addEventListener("change", (event) => {
      if (event.target.type === "file") return;
      fit();
      const redo = { url, method: "PATCH", body: body() };
      this.history.act(() => ({ what: word("changed"), redo, undo: this.#restored([this.find(id)]) }));
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.name === "remove") return this.remove(this.find(id));
      if (event.submitter?.name !== "same") return;
      const redo = { url, method: "PATCH", body: { ...body(), same: true } };
      this.history.act(() => ({ what: word("same"), redo, undo: this.#restored(this.#alike(this.find(id).category)) }));
    });
  }

  /** The same choice for everything of one kind. */
  #kind(form) {
    form.querySelector("button").hidden = true;
    form.addEventListener("change", () => {
      const { category, choice, among = "" } = Object.fromEntries(new FormData(form));
      const redo = { url: form.action, method: "POST", body: { category, choice, among } };
      this.history.act(() => ({ what: word("same"), redo, undo: this.#restored(this.#alike(category)) }));
    });
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Opens the row of a region and puts the keyboard there. */
  open(id) {
    const row = this.#listed(id);
    if (!row) return;
    leaves?.list();
    row.closest(".kind").open = true;
    row.querySelector("details").open = true;
    row.scrollIntoView({ block: "nearest" });
    if (this.dossier.querySelector(".region:focus-visible")) row.querySelector("input:checked, input, summary")?.focus({ preventScroll: true });
  }

  #chosen(id) {
    for (const row of this.dossier.querySelectorAll(".finding")) row.classList.toggle("lit", row.dataset.region === id);
  }

  #light(id) {
    for (const row of this.dossier.querySelectorAll(".finding")) row.classList.toggle("near", row.dataset.region === id);
  }

  #listed(id) {
    return this.dossier.querySelector(`.finding[data-region="${CSS.escape(id)}"]`);
  }

  #buttons() {
    const bar = this.dossier.querySelector("[data-tools]");
    if (!bar) return;
    for (const [name, steps] of [["undo", this.history.past], ["redo", this.history.next]]) {
      const button = bar.querySelector(`[data-${name}]`);
      button.setAttribute("aria-disabled", String(!steps.length));
      button.title = `${button.dataset.name}${steps.length ? `: ${steps.at(-1).what}` : ""}`;
    }
  }

  async #changed() {
    await refresh(this.root, this.dossier);
    this.canvas?.show(this.regions); // what was tried and refused goes back to its place
    this.#buttons();
  }
}

/** Fetches this photo's part of the page anew; what was open, chosen or zoomed stays so. */
async function refresh(root, dossier) {
  const url = new URL(location.href);
  url.searchParams.set("photo", dossier.dataset.media);
  const chosen = root.querySelector("[name=audience]:checked")?.value;
  if (chosen) url.searchParams.set("audience", chosen);
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok) return answer?.status === 404 && location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(dossier.id);
  if (!fresh || !dossier.isConnected) return; // another answer has replaced it meanwhile
  const made = dossier.hasAttribute("data-making") && !fresh.hasAttribute("data-making");
  if (made && url.searchParams.has("as")) return location.reload();
  dossier.toggleAttribute("data-making", fresh.hasAttribute("data-making"));
  if (!dossier.querySelector(".regions") && !url.searchParams.has("as")) {
    fresh.hidden = dossier.hidden;
    dossier.replaceWith(fresh);
    window.htmx.process(fresh);
    return prepare(root, fresh);
  }
  let swapped = false;
  const sent = new Map([...fresh.querySelectorAll("[data-part]")].map((part) => [part, source(part)]));
  keepOpen(dossier, fresh);
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = dossier.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!old || sources.get(old) === sent.get(part)) continue; // nothing under a hand is moved for nothing
    sources.set(part, sent.get(part));
    const scores = part.dataset.part === "risks" ? [...old.querySelectorAll("[data-score]")].map((one) => one.dataset.score) : [];
    const focus = focusOf(old);
    old.replaceWith(part);
    swapped ||= part.dataset.part === "findings";
    window.htmx.process(part);
    scores.forEach((score, at) => count(part.querySelectorAll("[data-score]")[at], Number(score)));
    focus?.(part);
  }
  if (swapped) editors.get(dossier.dataset.media)?.list();
}

function prepare(root, dossier) {
  const editor = new Editor(root, dossier);
  editors.set(dossier.dataset.media, editor);
  for (const part of dossier.querySelectorAll("[data-part]")) sources.set(part, source(part));
  editor.list();
}

function keepOpen(old, fresh) {
  const key = (details) => details.closest("[data-region]")?.dataset.region ?? details.dataset.category;
  const open = new Map([...old.querySelectorAll("[data-part] details")].map((details) => [key(details), details.open]));
  for (const details of fresh.querySelectorAll("[data-part] details")) {
    if (open.has(key(details))) details.open = open.get(key(details));
  }
}

/** Remembers the focused control, so that it can be found in what comes in its place. */
function focusOf(part) {
  const active = document.activeElement;
  if (!part.contains(active)) return null;
  const region = active.closest("[data-region]")?.dataset.region;
  const { name, value } = active;
  return (fresh) => {
    const row = region ? fresh.querySelector(`[data-region="${CSS.escape(region)}"]`) : fresh;
    requestAnimationFrame(() => {
      const same = name && row?.querySelector(`[name="${name}"]${active.type === "radio" ? `[value="${value}"]` : ""}`);
      (same ?? row?.querySelector("summary"))?.focus({ preventScroll: true });
    });
  };
}

/** Lets a score run from what it was to what it is; at once where motion is unwelcome. */
function count(element, from) {
  const to = Number(element?.dataset.score);
  if (!element || from === to || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const number = element.querySelector("[data-number]");
  const ring = element.querySelector("circle:last-of-type");
  const begun = performance.now();
  const step = (now) => {
    const t = Math.min(1, (now - begun) / 500);
    const value = from + (to - from) * (1 - (1 - t) ** 3);
    number.textContent = Math.round(value);
    ring.setAttribute("stroke-dasharray", `${value} 100`);
    if (t < 1 && element.isConnected) requestAnimationFrame(step);
  };
  step(begun);
}

/** Who may see it: the ledger follows what is chosen, and a draft keeps it at once. */
function audience(root) {
  const form = root.querySelector(".audience");
  form?.addEventListener("change", async ({ target }) => {
    if (target.name !== "audience") return;
    if (form.hasAttribute("data-draft")) {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => null);
      if (answer?.type !== "opaqueredirect" && !answer?.ok) return tell(word("failed"));
      const chip = root.querySelector("[data-audience-chip]");
      const one = target.closest(".audience__one");
      chip.querySelector("svg")?.replaceWith(one.querySelector("svg").cloneNode(true));
      chip.querySelector("[data-audience-word]").textContent = one.querySelector("strong").textContent;
      whisper(one.querySelector("strong").textContent);
    }
    for (const dossier of root.querySelectorAll(".dossier")) refresh(root, dossier);
  });
}
