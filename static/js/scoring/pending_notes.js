// The notes that are being typed: each is a change once nobody has typed in it for a moment, or when it is left. Tells `events` that
// one types, then that it is done: "typing", "typed".

const DELAY = 600; // ms

export class PendingNotes {
  #timers = new Map(); // by field
  #changed;
  #events;

  // `changed(field)`: the note is a change.
  constructor(form, events, changed) {
    this.#events = events;
    this.#changed = changed;
    form.addEventListener("input", ({ target }) => target.matches("textarea") && this.#typed(target));
    form.addEventListener("focusout", ({ target }) => this.#flush(target));
    window.addEventListener("pagehide", () => this.flushAll());
  }

  isTypedIn(place) {
    return [...this.#timers.keys()].some((field) => place.contains(field));
  }

  flushAll() {
    for (const field of [...this.#timers.keys()]) this.#flush(field);
  }

  #typed(field) {
    this.#events.dispatchEvent(new Event("typing"));
    clearTimeout(this.#timers.get(field));
    this.#timers.set(field, setTimeout(() => this.#flush(field), DELAY));
  }

  #flush(field) {
    if (!this.#timers.has(field)) return;
    clearTimeout(this.#timers.get(field));
    this.#timers.delete(field);
    this.#changed(field);
    this.#events.dispatchEvent(new Event("typed"));
  }
}
