// The board of a session, as it is now: when its mark changes, the parts where nobody is writing are shown again.

import { AUTOMATIC, refreshParts } from "../shared/parts.js";

const EVERY = 3_000;
const PATIENCE = 8_000;

const board = document.querySelector("[data-live]");
let known = board.dataset.mark;

async function look() {
  if (document.visibilityState !== "visible") return;
  try {
    const response = await fetch(board.dataset.live, { headers: AUTOMATIC, redirect: "error", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) return;
    const { mark } = await response.json();
    if (mark === known) return;
    await refreshParts(quiet(), location.pathname + location.search);
    known = mark;
  } catch {
    // No network: the next look tells.
  }
}

// The parts in which nothing is being typed or chosen.
function quiet() {
  const changed = (field) => (field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  const busy = (part) => part.querySelector("[data-moving]") || [...part.querySelectorAll("textarea, input:not([type=hidden])")].some((field) => field === document.activeElement || changed(field));
  return [...document.querySelectorAll("[data-part]")].filter((part) => !busy(part)).map(({ dataset }) => dataset.part);
}

setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
