// Several photos at once, by picker or by drag and drop, with the share of each that has arrived.
// Without this module the form uploads plainly.

import { filled, words } from "./words.js";

const TYPES = /^image\/(jpeg|png|webp|gif|heic|heif|avif)$/;
const NAMES = /\.(jpe?g|png|webp|gif|heic|heif|avif)$/i;

export default function upload(root) {
  const form = root.querySelector("form");
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const list = form.querySelector("[data-uploads]");
  const problems = form.querySelector("[data-problems]");
  const most = Number(root.dataset.most);
  const bytes = Number(root.dataset.bytes);
  form.querySelector("[data-plain]").hidden = true;
  drop.classList.add("drop--live");

  const complain = (text) => {
    const line = document.createElement("p");
    line.textContent = text;
    problems.append(line);
  };

  /** What is wrong before a byte is sent, or an empty string. */
  const fault = (file) => {
    if (!TYPES.test(file.type) && !NAMES.test(file.name)) return filled(words.kind, { name: file.name });
    if (file.size > bytes) {
      return filled(words.large, { name: file.name, most: Math.round(bytes / 1048576) });
    }
    if (file.size === 0) return filled(words.empty, { name: file.name });
    return "";
  };

  const csrf = () => form.querySelector("[name=csrfmiddlewaretoken]").value;

  const row = (file) => {
    const item = document.createElement("li");
    item.className = "list__item";
    const name = document.createElement("span");
    name.className = "grow";
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const share = document.createElement("span");
    share.className = "faint figures";
    share.textContent = "0 %";
    const cancel = document.createElement("button");
    cancel.type = "button";
    cancel.className = "button button--quiet";
    cancel.textContent = words.cancel;
    item.append(name, bar, share, cancel);
    list.append(item);
    return { item, bar, share, cancel };
  };

  /** Sends one file; resolves to true when the site has it. */
  const send = (file, url, line) =>
    new Promise((done) => {
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.append("file", file);
      request.open("POST", url);
      request.setRequestHeader("X-CSRFToken", csrf());
      request.upload.onprogress = ({ loaded, total }) => {
        const percent = Math.round((100 * loaded) / total);
        line.bar.value = percent;
        line.share.textContent = `${percent} %`;
      };
      const fail = (text) => {
        line.share.textContent = "";
        line.bar.remove();
        line.cancel.remove();
        complain(`${file.name}: ${text}`);
        line.item.remove();
        done(false);
      };
      request.onload = () => {
        if (request.status === 201) {
          line.bar.value = 100;
          line.share.textContent = words.arrived;
          line.cancel.remove();
          return done(true);
        }
        let why = words.refused;
        try {
          why = JSON.parse(request.responseText).detail ?? why;
        } catch {
          // not JSON: the words above do
        }
        fail(why);
      };
      request.onerror = () => fail(words.broke);
      request.onabort = () => {
        line.item.remove();
        done(false);
      };
      line.cancel.addEventListener("click", () => request.abort());
      request.send(body);
    });

  const take = async (files) => {
    problems.replaceChildren();
    const good = [];
    for (const file of files) {
      const why = fault(file);
      if (why) complain(why);
      else good.push(file);
    }
    if (good.length > most) {
      complain(filled(words.many, { most }));
      good.length = most;
    }
    if (!good.length) return;
    drop.classList.add("drop--busy");
    const answer = await fetch(root.dataset.start, {
      method: "POST",
      headers: { "X-CSRFToken": csrf() },
    });
    if (!answer.ok) {
      complain(words.failed);
      return drop.classList.remove("drop--busy");
    }
    const post = await answer.json();
    const lines = good.map(row);
    let arrived = 0;
    for (const [index, file] of good.entries()) {
      if (await send(file, post.upload, lines[index])) arrived += 1;
    }
    drop.classList.remove("drop--busy");
    if (arrived) location.assign(post.compose);
  };

  input.addEventListener("change", () => take([...input.files]));
  if (input.files.length) take([...input.files]); // chosen before this module was there
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("drop--over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    drop.addEventListener(kind, () => drop.classList.remove("drop--over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) take(files);
  });
}
