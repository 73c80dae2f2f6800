// Hands an address to the share sheet of the phone; where there is none, to the clipboard.

import { say } from "./app.js";

export default function share(root) {
  const field = root.querySelector("[data-address]");
  const button = root.querySelector("[data-share]");
  const words = button.querySelector("span");
  const data = { url: field.value };
  const sheet = navigator.canShare?.(data) && matchMedia("(pointer: coarse)").matches;
  words.textContent = sheet ? words.dataset.wordsShare : words.dataset.wordsCopy;
  button.hidden = false;

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select(); // without leave to write, it lies ready under Ctrl+C
      if (!document.execCommand("copy")) return;
    }
    say(root.dataset.copied);
  };

  button.addEventListener("click", async () => {
    if (!sheet) return copy();
    try {
      await navigator.share(data);
    } catch (error) {
      if (error.name !== "AbortError") await copy();
    }
  });
  field.addEventListener("focus", () => field.select());
}
