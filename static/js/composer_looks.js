// The style picker: small pictures of the region in each style, made by the server.

import { tell, word } from "./composer_api.js";

/** Puts tiles in place of the select of styles, once the row has been opened. */
export function looks(row, shape) {
  const select = row.querySelector("select[name=style]");
  const template = document.getElementById("composer-looks");
  if (!select || !template || row.querySelector(".looks")) return;
  const tiles = template.content.cloneNode(true);
  const offered = row.dataset.styles.trim().split(" "); // the rules refuse the others here
  for (const input of tiles.querySelectorAll("input[type=radio]")) {
    const [style] = input.value.split(":");
    if (style && !offered.includes(style)) input.closest(".look").remove();
  }
  for (const note of tiles.querySelectorAll("[data-weak]")) {
    if (!offered.includes(note.dataset.weak)) note.remove();
    else note.id = `weak-${note.dataset.weak}-${shape.id}`;
  }
  for (const input of tiles.querySelectorAll("[aria-describedby]")) {
    input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby")}-${shape.id}`);
  }
  const worn = shape.art && shape.style === "sticker" ? `sticker:${shape.art}` : shape.style;
  for (const input of tiles.querySelectorAll("input[type=radio]")) {
    input.name = "style";
    input.checked = input.value === worn;
    const picture = input.closest(".look").querySelector("img");
    if (!picture || !input.value) continue;
    const at = [...shape.box, shape.outline.length, shape.brush].map((value) => Number(value).toFixed(3)).join("-");
    picture.src = `${row.dataset.look}?style=${encodeURIComponent(input.value)}&at=${at}`;
    picture.addEventListener("error", () => picture.closest(".look").classList.add("look--missing"), { once: true });
  }
  select.replaceWith(tiles);
  const own = row.querySelector("[data-sticker-add]");
  own?.addEventListener("change", async (event) => {
    event.stopPropagation();
    const id = await bring(own);
    if (id) await again(row, shape, `sticker:${id}`);
  });
  row.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-sticker-delete]");
    if (!button) return;
    event.preventDefault();
    const answer = await post(button.dataset.stickerDelete, new FormData()).catch(() => null);
    if (!answer?.ok) return tell(word("failed"));
    await again(row, shape, null);
    document.dispatchEvent(new CustomEvent("nopeek:refresh"));
  });
}

async function bring(input) {
  const [file] = input.files;
  if (!file) return null;
  const body = new FormData();
  body.append("file", file);
  body.append("name", file.name.replace(/\.\w+$/, "").slice(0, 40));
  try {
    const answer = await post(input.dataset.stickerAdd, body);
    const data = await answer.json();
    if (answer.ok) return data.id;
    tell(data.detail ?? word("failed"));
  } catch {
    tell(word("offline"));
  }
  input.value = "";
  return null;
}

function post(url, body) {
  return fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch" },
    body,
  });
}

/** Fetches the tiles anew, since a sticker came or went, and chooses `value` if given. */
async function again(row, shape, value) {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("composer-looks").innerHTML = page.getElementById("composer-looks").innerHTML;
  const select = document.createElement("select");
  select.name = "style";
  row.querySelector(".looks").replaceWith(select);
  looks(row, shape);
  const input = value && row.querySelector(`input[value="${value}"]`);
  if (!input) return;
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
