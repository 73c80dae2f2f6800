// Starts the module named in each data-module, on load and in fragments that arrive later.
// A module is static/js/<name>.js and exports default (element) => cleanup | undefined.

// What may reach the DOM's dangerous sinks (the CSP asks for it): HTML of our own server,
// which runs no script under that same CSP; scripts of this origin; no text as a script.
if (window.trustedTypes && !trustedTypes.defaultPolicy) trustedTypes.createPolicy("default", {
  createHTML: (html) => html,
  createScriptURL: (url) => (new URL(url, location.href).origin === location.origin ? url : null),
});

import { words } from "./words.js";

const started = new WeakMap();

async function start(element) {
  for (const name of element.dataset.module.split(" ")) {
    const names = started.get(element) ?? new Set();
    if (names.has(name)) continue;
    started.set(element, names.add(name));
    const { default: begin } = await import(`./${name}.js`);
    begin(element);
  }
}

function startAll(root) {
  if (root.matches?.("[data-module]")) start(root);
  root.querySelectorAll?.("[data-module]").forEach(start);
}

startAll(document);
document.addEventListener("htmx:load", (event) => startAll(event.target));

// A page from the back/forward cache may show what its viewer may no longer see.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  say({ 404: words.gone, 429: words.slow }[status] ?? words.failed);
});
document.addEventListener("htmx:sendError", () => say(words.unreached));

// An answer may carry words about what was done (header HX-Trigger).
document.addEventListener("nopeek:said", (event) => say(event.detail.words));

/** Show a short message for a few seconds, read out by screen readers. */
export function say(text) {
  const line = document.createElement("p");
  line.className = "message";
  line.textContent = text;
  document.getElementById("messages").append(line);
  setTimeout(() => line.remove(), 6000);
}

for (const line of document.querySelectorAll("#messages .message")) {
  setTimeout(() => line.remove(), 7000);
}

import("./keys.js").then(({ default: begin }) => begin(document));
