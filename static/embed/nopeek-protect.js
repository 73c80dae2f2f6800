/* <nopeek-protect>: replaces the file of an <input type=file> by its protected version.

   <script type="module" src="https://photos.example.org/static/embed/nopeek-protect.js"></script>
   <nopeek-protect endpoint="https://photos.example.org" key="npk_…" tier="full">
     <input type="file" name="photo" accept="image/*">
   </nopeek-protect>

   The picture goes to NoPeek, which keeps none, and comes back masked; only that one is
   left in the input. Fails closed: whatever goes wrong empties the input. Needs the page
   in NOPEEK_EMBED_ORIGINS and a key for its origin; docs/api.md says how.

   Events, which bubble: nopeek-start, nopeek-done (detail: masked, risk, findings) and
   nopeek-failed (detail: message). Words can be changed by the attributes of WORDS. */

const WORDS = {
  working: "Looking for faces, plates, text and more …",
  clear: "Nothing was found that had to be hidden.",
  hidden: "Hidden parts: ",
  failed: "This photo was taken out again: ",
};
const TYPES = { "image/jpeg": ".jpg", "image/webp": ".webp" };
const PATIENCE = 120_000;

class NoPeekProtect extends HTMLElement {
  #run = 0;
  #ours = new WeakSet();

  connectedCallback() {
    if (!this.status) {
      this.status = document.createElement("p");
      this.status.setAttribute("role", "status");
      this.status.part = "status";
      this.append(this.status);
    }
    // In the capture phase: a page's own listener must not see the file before we do.
    this.addEventListener("input", this, true);
    this.addEventListener("change", this, true);
    this.closest("form")?.addEventListener("submit", this, true);
    this.form = this.closest("form");
  }

  disconnectedCallback() {
    this.removeEventListener("input", this, true);
    this.removeEventListener("change", this, true);
    this.form?.removeEventListener("submit", this, true);
  }

  handleEvent(event) {
    if (event.type === "submit") {
      if (this.#unsafe().length) {
        event.preventDefault();
        event.stopImmediatePropagation();
        this.status.textContent = this.#word("working");
      }
      return;
    }
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    if ([...input.files].every((file) => this.#ours.has(file))) return;
    event.stopImmediatePropagation();
    if (event.type === "change") this.#protect(input);
  }

  #unsafe() {
    return [...this.querySelectorAll("input[type=file]")].filter((input) =>
      [...input.files].some((file) => !this.#ours.has(file)),
    );
  }

  async #protect(input) {
    const run = ++this.#run;
    const files = [...input.files];
    input.setCustomValidity(this.#word("working"));
    this.status.textContent = this.#word("working");
    this.setAttribute("aria-busy", "true");
    this.#tell("nopeek-start", { files: files.length });
    try {
      const made = [];
      for (const file of files) made.push(await this.#ask(file));
      if (run !== this.#run) return;
      this.#put(input, made.map((one) => one.file));
      const masked = made.reduce((sum, one) => sum + one.masked, 0);
      this.status.textContent = masked ? this.#word("hidden") + masked : this.#word("clear");
      this.#tell("nopeek-done", { masked, risk: Math.max(...made.map((one) => one.risk)),
        findings: made.flatMap((one) => one.findings) });
    } catch (error) {
      if (run !== this.#run) return;
      this.#put(input, []);
      this.status.textContent = this.#word("failed") + error.message;
      this.#tell("nopeek-failed", { message: error.message });
    }
  }

  #put(input, files) {
    const box = new DataTransfer();
    for (const file of files) {
      this.#ours.add(file);
      box.items.add(file);
    }
    input.files = box.files;
    for (const file of input.files) this.#ours.add(file);
    input.setCustomValidity("");
    this.removeAttribute("aria-busy");
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async #ask(file) {
    const tier = this.getAttribute("tier") ?? "full";
    const form = new FormData();
    form.set("image", file, "photo");
    form.set("tiers", tier);
    form.set("format", this.getAttribute("format") ?? "jpeg");
    const signal = AbortSignal.timeout(PATIENCE);
    let answer = await this.#fetch("/api/v1/protect", { method: "POST", body: form, signal });
    while (answer.status === 202) {
      const { url } = await answer.json();
      answer = await this.#fetch(url, { signal });
    }
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.detail ?? String(answer.status));
    const made = told.tiers[tier];
    if (!made?.image) throw new Error(made?.problem || "no picture came back");
    const bytes = Uint8Array.from(atob(made.image.base64), (one) => one.charCodeAt(0));
    const stem = file.name.replace(/\.[^.]*$/, "") || "photo";
    const name = stem + (TYPES[made.image.type] ?? "");
    return { file: new File([bytes], name, { type: made.image.type }), masked: made.masked,
      risk: made.risk, findings: told.findings };
  }

  #fetch(path, options) {
    const place = new URL(path, this.getAttribute("endpoint") ?? import.meta.url);
    const headers = { Authorization: `Bearer ${this.getAttribute("key") ?? ""}` };
    return fetch(place, { ...options, headers, credentials: "omit", referrerPolicy: "origin" });
  }

  #word(name) {
    return this.getAttribute(`word-${name}`) ?? WORDS[name];
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }
}

customElements.define("nopeek-protect", NoPeekProtect);
