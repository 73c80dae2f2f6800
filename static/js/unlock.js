// Opens what is sealed in the picture that is shown: packet and key come through the one
// door, to whoever has been let closer, and are painted over it. Nothing of them is kept.

import { say } from "./app.js";
import { filled, words } from "./words.js";

const P256 = { name: "ECDH", namedCurve: "P-256" };
const MAGIC = 0x4e504931; // "NPI1"
const HEAD = 4; // of the stored object: "NPS1"
const NONCE = 12;

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (data) => Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, "0")).join("");
const text = (words) => new TextEncoder().encode(words);

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What a key and its packet are bound to: another picture's do not open here. */
function context(id, { kind, version }) {
  const number = new DataView(new ArrayBuffer(8));
  number.setBigUint64(0, BigInt(version));
  return joined(text("/nopeek/1/"), bytes(id.replaceAll("-", "")), new Uint8Array(number.buffer), text(kind));
}

/** Asks for the key, wrapped for a pair that lives as long as this call; null: not allowed. */
async function fetchKey(id) {
  const pair = await crypto.subtle.generateKey(P256, false, ["deriveBits"]);
  const body = new FormData();
  body.append("page", hex(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const answer = await fetch(`/m/${id}/unlock`, {
    method: "POST",
    headers: { "X-CSRFToken": document.body.dataset.csrf },
    body,
    cache: "no-store",
  });
  if (!answer.ok) return null;
  const handed = await answer.json();
  const bound = context(id, handed);
  const info = joined(text("nopeek/handed/1"), bound);
  const theirs = await crypto.subtle.importKey("raw", bytes(handed.public), P256, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256);
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const wrapping = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: bytes(handed.salt), info },
    base, { name: "AES-GCM", length: 256 }, false, ["unwrapKey"],
  );
  const key = await crypto.subtle.unwrapKey(
    "raw", bytes(handed.wrapped), wrapping,
    { name: "AES-GCM", iv: bytes(handed.nonce), additionalData: info }, "AES-GCM", false, ["decrypt"],
  );
  return { key, bound };
}

async function fetchPacket(id) {
  const had = await fetchKey(id);
  if (!had) return null;
  const answer = await fetch(`/m/${id}/sealed`, { cache: "no-store" });
  if (!answer.ok) return null;
  const blob = new Uint8Array(await answer.arrayBuffer());
  const opened = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: blob.subarray(HEAD, HEAD + NONCE),
      additionalData: joined(text("object"), had.bound),
    },
    had.key, blob.subarray(HEAD + NONCE),
  );
  return new DataView(opened);
}

/** Paints a packet's places on a canvas of the picture's size (privacy/core/inlay.py). */
function paint(canvas, packet) {
  if (packet.getUint32(0) !== MAGIC) throw new Error("no packet");
  canvas.width = packet.getUint16(4);
  canvas.height = packet.getUint16(6);
  const count = packet.getUint16(8);
  const pen = canvas.getContext("2d");
  let at = 10 + 8 * count;
  for (let place = 0; place < count; place += 1) {
    const [top, left, high, wide] = [0, 2, 4, 6].map((step) => packet.getUint16(10 + 8 * place + step));
    const part = pen.createImageData(wide, high);
    for (let pixel = 0; pixel < wide * high; pixel += 1) {
      for (let band = 0; band < 3; band += 1) part.data[4 * pixel + band] = packet.getUint8(at + 3 * pixel + band);
      part.data[4 * pixel + 3] = 255;
    }
    pen.putImageData(part, left, top);
    at += 3 * wide * high;
  }
}

export default function unlock(figure) {
  const button = figure.querySelector("[data-unlock]");
  const name = button?.querySelector("[data-unlock-name]");
  if (!button || !globalThis.crypto?.subtle) return; // as on a page without TLS
  const id = figure.dataset.media;
  const shut = name.textContent;
  let canvas = null;
  button.hidden = false;

  const close = () => {
    canvas?.remove();
    canvas = null;
    button.setAttribute("aria-pressed", "false");
    name.textContent = shut;
  };

  const open = async () => {
    button.setAttribute("aria-busy", "true");
    try {
      const packet = await fetchPacket(id);
      if (!packet) return say(filled(words.sealed, { name: figure.dataset.owner }));
      canvas = document.createElement("canvas");
      canvas.className = "picture__opened";
      canvas.setAttribute("aria-hidden", "true");
      paint(canvas, packet);
      figure.querySelector("picture").after(canvas);
      canvas.getBoundingClientRect(); // so that it comes in, rather than being there
      canvas.dataset.open = "";
      button.setAttribute("aria-pressed", "true");
      name.textContent = button.dataset.opened;
      say(words.unsealed);
    } catch {
      close();
      say(words.failed);
    } finally {
      button.removeAttribute("aria-busy");
    }
  };

  button.addEventListener("click", () => {
    if (button.hasAttribute("aria-busy")) return;
    if (canvas) close();
    else open();
  });

  // Who stands where has changed: what is open stays open only for who may still open it.
  document.addEventListener("nopeek:live", async ({ detail }) => {
    if (!canvas || !["feed.changed", "live.back"].includes(detail.type)) return;
    if (!(await fetchKey(id).catch(() => null))) close();
  });
}
