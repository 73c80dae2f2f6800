// What the parts of the editor share: words in the reader's language, requests, questions.

/** The text of a key, with {names} filled in. It comes with the page, translated. */
export function word(key, values = {}) {
  const text = document
    .getElementById("composer-words")
    ?.content.querySelector(`[data-word="${key}"]`)?.textContent ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export async function tell(text) {
  const { say } = await import("./app.js");
  say(text);
}

/** For screen readers alone. */
export function whisper(text) {
  const line = document.querySelector("[data-whisper]");
  if (line) line.textContent = text;
}

/**
 * Sends JSON. Asks first where somebody would gain, and says what went wrong.
 * Answers {ok, status, data}; ok is false where nothing was changed.
 */
export async function send({ url, method, body }) {
  let answer;
  try {
    answer = await fetch(url, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf },
      body: JSON.stringify(body ?? {}),
    });
  } catch {
    tell(word("offline"));
    return { ok: false, status: 0 };
  }
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) return { ok: true, status: answer.status, data };
  if (data.code === "confirm") {
    const yes = await ask(word("ask", { gains: data.gains }));
    return yes ? send({ url, method, body: { ...body, confirmed: true } }) : { ok: false, status: 409, kept: true };
  }
  if (answer.status !== 404) tell(data.detail ?? word("failed"));
  return { ok: false, status: answer.status };
}

function ask(text) {
  return new Promise((answer) => {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    const words = document.createElement("p");
    words.textContent = text;
    const verbs = document.createElement("div");
    verbs.className = "cluster";
    for (const [label, value] of [[word("keep"), false], [word("show"), true]]) {
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
