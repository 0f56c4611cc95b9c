// Follows a stream: what another device or tab changed, and whether it can still be changed, within seconds.
//
//   const follow = new Follow({ url, seq: () => 12, apply: (news, delay, since) => …, gone: () => …, every: 4_000 });

const EVERY = 4_000; // ms
const PATIENCE = 10_000;

export class Follow {
  #url;
  #seq;
  #apply;
  #gone;
  #every;
  #timer = 0;
  #asking = false;
  #channel;

  constructor({ url, seq, apply, gone, every = EVERY }) {
    this.#url = url;
    this.#seq = seq;
    this.#apply = apply;
    this.#gone = gone;
    this.#every = every;
    if (globalThis.BroadcastChannel) {
      this.#channel = new BroadcastChannel(`cqp ${url}`);
      this.#channel.addEventListener("message", () => this.now());
    }
    document.addEventListener("visibilitychange", () => this.now());
    window.addEventListener("online", () => this.now());
    this.now();
  }

  // The other tabs of this browser need not wait for their turn.
  tell() {
    this.#channel?.postMessage("");
  }

  now() {
    clearTimeout(this.#timer);
    if (document.visibilityState === "visible") this.#ask();
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const sent = Date.now();
      const since = this.#seq();
      const response = await fetch(`${this.#url}?depuis=${since}`, {
        redirect: "error",
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE),
      });
      // Ours, not a portal's: a page that is not found there says nothing of the sheet.
      if (response.status === 404 && isJson(response)) return this.#gone();
      if (response.ok) this.#apply(await response.json(), (Date.now() - sent) / 2, since);
    } catch {
      // No network: asked again later.
    } finally {
      this.#asking = false;
      this.#timer = setTimeout(() => this.now(), this.#every);
    }
  }
}

const isJson = (response) => response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
