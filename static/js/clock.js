// The server's time on the device, and the interview's clock. The truth is the server's: a page brings it, each answer corrects it.
// Between two answers it follows the device's own clock, which goes on while the device sleeps.

const KEPT = "cqp-clock"; // how far the device's clock is from the server's, for pages opened without the network
const DRIFT = 2_500; // the Date header has whole seconds
const SIGNALS = [
  [1, "Temps écoulé"],
  [5 / 6, "Bientôt la fin"],
];

let offset = kept();

function kept() {
  try {
    return Number(localStorage.getItem(KEPT)) || 0;
  } catch {
    return 0;
  }
}

function set(value) {
  offset = value;
  try {
    localStorage.setItem(KEPT, String(Math.round(value)));
  } catch {
    // Without it the device's own clock is believed.
  }
}

// The server's time now, in ms.
export const serverNow = () => Date.now() + offset;

// `time`, in ms: what the server's clock says now. `exact`: to the millisecond, not from a Date header.
export function sync(time, exact = false) {
  const drift = time - serverNow();
  if (Math.abs(drift) > (exact ? 500 : DRIFT)) set(offset + drift);
}

// A page just written by the server says what its clock was. One kept on the device says nothing of now.
export function syncWithPage(now) {
  if (document.documentElement.dataset.stored) return;
  const [navigation] = performance.getEntriesByType("navigation");
  set(now - (performance.timeOrigin + (navigation?.responseStart ?? 0)));
}

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

// Seconds of interview at `now` (ms): pauses leave the time, as candidates' elapsed_seconds.
export function elapsed(life, now) {
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
