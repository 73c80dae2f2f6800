// Undo and redo: each step keeps the request that did it and the one that takes it back.
// A step that fails stays where it was; one whose region is gone is left out.

import { send, tell, whisper, word } from "./composer_api.js";

export class History {
  /** `done(data)` is called after every request that came through, with its answer. */
  constructor(done) {
    this.done = done;
    this.past = [];
    this.next = [];
    this.queue = Promise.resolve();
  }

  /**
   * Carries out {what, redo, undo}; `undo` and `again` may be made of the answer. Where `given` is a
   * function it is asked when its turn has come, so that undo leads back to what was there then.
   */
  act(given) {
    return this.#inTurn(async () => {
      const step = typeof given === "function" ? given() : given;
      const answer = await send(step.redo);
      if (answer.ok) {
        const undo = typeof step.undo === "function" ? step.undo(answer.data) : step.undo;
        const redo = step.again?.(answer.data) ?? step.redo;
        this.past.push({ what: step.what, undo, redo });
        this.next = [];
        whisper(step.what);
      }
      await this.done(answer.data ?? null);
      return answer;
    });
  }

  undo() {
    return this.#back(this.past, this.next, "undo", "undone", "nothing_undo");
  }

  redo() {
    return this.#back(this.next, this.past, "redo", "redone", "nothing_redo");
  }

  #back(from, to, way, said, nothing) {
    return this.#inTurn(async () => {
      const step = from.at(-1);
      if (!step) return whisper(word(nothing));
      const answer = await send(step[way]);
      if (answer.ok || answer.status === 404) from.pop();
      if (answer.ok) {
        to.push(step);
        whisper(word(said, { what: step.what }));
      } else if (answer.status === 404) tell(word("gone"));
      await this.done(answer.data ?? null);
    });
  }

  /** One request after the other, so that each meets what the one before has left. */
  #inTurn(work) {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => tell(word("failed")));
    return turn;
  }
}
