// The server's time on the device. The truth is the server's: a page brings it, each answer corrects it. Between two answers it
// follows the device's own clock, which goes on while the device sleeps.

const STORED = "cqp-clock"; // how far the device's clock is from the server's, for pages opened without the network
const DRIFT = 2_500; // the Date header has whole seconds

let offset = storedOffset();

function storedOffset() {
  try {
    return Number(localStorage.getItem(STORED)) || 0;
  } catch {
    return 0;
  }
}

function setOffset(value) {
  offset = value;
  try {
    localStorage.setItem(STORED, String(Math.round(value)));
  } catch {
    // Without it the device's own clock is believed.
  }
}

// The server's time now, in ms.
export const serverNow = () => Date.now() + offset;

// `time`, in ms: what the server's clock says now. `exact`: to the millisecond, not from a Date header.
export function sync(time, exact = false) {
  const drift = time - serverNow();
  if (Math.abs(drift) > (exact ? 500 : DRIFT)) setOffset(offset + drift);
}

// A page just written by the server says what its clock was. One kept on the device says nothing of now.
export function syncWithPage(now) {
  if (document.documentElement.dataset.stored) return;
  const [navigation] = performance.getEntriesByType("navigation");
  setOffset(now - (performance.timeOrigin + (navigation?.responseStart ?? 0)));
}

// The server's time now as the device's local time, with its offset: the server knows what the evaluator's watch said.
export function serverNowText() {
  const date = new Date(serverNow());
  const ahead = -date.getTimezoneOffset();
  const two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  const local = new Date(date.getTime() + ahead * 60_000).toISOString().slice(0, 23);
  return `${local}${ahead < 0 ? "-" : "+"}${two(ahead / 60)}:${two(ahead % 60)}`;
}
