// The interview's clock. Its truth is the server's: the page brings what had elapsed, each answer the server's time.

const SIGNALS = [
  [1, "Temps écoulé"],
  [5 / 6, "Bientôt la fin"],
];

// The activity to be at after `minutes`: as evaluations.scoring.pace.
export function pace(shares, minutes) {
  let end = 0;
  for (const [code, share] of shares) {
    end += share;
    if (minutes < end) return code;
  }
  return shares.at(-1)[0];
}

export function timeText(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export class Clock {
  #element;
  #total;
  #shares;
  #started;
  #zero;

  // `data-started` and `data-now`: the server's time, in seconds. `shares`: [[code, minutes], …].
  constructor(element, shares) {
    this.#element = element;
    this.#shares = shares;
    this.#total = Number(element.dataset.minutes) * 60;
    this.#started = Number(element.dataset.started) * 1000;
    // performance.now() counts from the navigation; the page was written just before its first byte came.
    const [navigation] = performance.getEntriesByType("navigation");
    this.#zero = Number(element.dataset.now) * 1000 - (navigation?.responseStart ?? 0);
    this.show();
    setInterval(() => this.show(), 1000);
    document.addEventListener("visibilitychange", () => this.show());
  }

  // `serverNow`, in ms, of whole seconds: corrects a counter that slept with the device.
  sync(serverNow) {
    const drift = serverNow - (this.#zero + performance.now());
    if (Math.abs(drift) > 2_500) this.#zero += drift;
    this.show();
  }

  show() {
    const seconds = Math.max(0, Math.floor((this.#zero + performance.now() - this.#started) / 1000));
    const minutes = Math.floor(seconds / 60);
    const page = this.#element.ownerDocument;
    this.#element.querySelector("[data-time]").textContent = timeText(seconds);
    page.querySelector("[data-pace-minute]").textContent = minutes;
    if (this.#shares.length) page.querySelector("[data-pace]").textContent = pace(this.#shares, minutes);
    const signal = SIGNALS.find(([part]) => seconds >= part * this.#total);
    this.#element.querySelector("[data-signal]").textContent = signal?.[1] ?? "";
  }
}
