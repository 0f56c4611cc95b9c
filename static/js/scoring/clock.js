// The interview's clock: the time that has passed, the activity to be at, the signals near the end.

import { serverNow } from "../outbox/server_time.js";

const SIGNALS = [
  [1, "Temps écoulé"],
  [5 / 6, "Bientôt la fin"],
];

// The activity to be at after `minutes`: as evaluations.scoring.rules.pace.
function pace(shares, minutes) {
  let end = 0;
  for (const [code, share] of shares) {
    end += share;
    if (minutes < end) return code;
  }
  return shares.at(-1)[0];
}

function timeText(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// Seconds of interview at `now` (ms): pauses leave the time, as candidates' elapsed_seconds.
function elapsed(life, now) {
  if (!life.started) return 0;
  const end = life.finished ?? life.paused_since ?? now;
  return Math.max(0, Math.floor((end - life.started) / 1000) - life.paused);
}

export class Clock {
  #element;
  #shares;
  #life;

  // `shares`: [[code, minutes], …]. `life()`: the state of the interview, read at each tick.
  constructor(element, shares, life) {
    this.#element = element;
    this.#shares = shares;
    this.#life = life;
    setInterval(() => this.show(), 1000);
    document.addEventListener("visibilitychange", () => this.show());
  }

  show() {
    const life = this.#life();
    const seconds = elapsed(life, serverNow());
    const minutes = Math.floor(seconds / 60);
    const write = (name, text) => {
      for (const place of this.#element.querySelectorAll(`[data-${name}]`)) {
        if (place.textContent !== text) place.textContent = text;
      }
    };
    write("time", timeText(seconds));
    write("pace-minute", String(minutes));
    if (this.#shares.length) write("pace", pace(this.#shares, minutes));
    const signal = SIGNALS.find(([part]) => seconds >= part * life.minutes * 60);
    const calls = life.state === "running" && !life.paused_since;
    write("signal", (calls && signal?.[1]) || "");
    if (life.paused_since) write("pause", timeText(Math.max(0, Math.floor((serverNow() - life.paused_since) / 1000))));
  }
}
