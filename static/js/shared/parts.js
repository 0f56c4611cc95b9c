// The parts of a page that a change has made old, shown as the server now writes them: [data-part="name"].

const PATIENCE = 10_000;
// What could not be fetched is asked for again after each of these, ms.
const AGAIN = [0, 1_000, 3_000, 8_000];
// Tells the server that nobody touched anything: what a page asks by itself does not keep a person logged in.
export const AUTOMATIC = { "X-Automatic": "1" };

let asked = 0;
const shown = new Map(); // By part, the rank of the answer that it shows: an older one that comes late is left out.

// `names`: those to show again; `url`: the page that has them.
export async function refreshParts(names, url = location.pathname) {
  for (const wait of AGAIN) {
    if (wait) await new Promise((done) => setTimeout(done, wait));
    if (await attempt(names, url)) return;
  }
}

// Tells whether the server answered.
async function attempt(names, url) {
  const rank = ++asked;
  try {
    const response = await fetch(url, { headers: AUTOMATIC, redirect: "error", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) return response.status < 500;
    const now = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const name of names) {
      if (shown.get(name) > rank) continue;
      shown.set(name, rank);
      const selector = `[data-part="${CSS.escape(name)}"]`;
      const [old, fresh] = [document.querySelector(selector), now.querySelector(selector)];
      if (old && fresh && contentOf(old) !== contentOf(fresh)) replace(old, fresh);
    }
    document.dispatchEvent(new Event("parts"));
    return true;
  } catch {
    return false; // No network.
  }
}

// What a part says, without what differs each time it is written.
function contentOf(part) {
  const targets = [...part.querySelectorAll("[href], [src], form")].map((element) => element.getAttribute("href") ?? element.getAttribute("src") ?? element.getAttribute("action"));
  const tokens = [...part.querySelectorAll("[data-slot-token]")].map((element) => element.dataset.slotToken);
  return [part.textContent.replace(/\s+/g, " "), part.querySelectorAll("[data-busy]").length, ...targets, ...tokens].join("\n");
}

// What was unfolded stays so; whoever is there with the keyboard stays on the same thing.
function replace(old, fresh) {
  const focusable = "a[href], button, summary, input:not([type=hidden])";
  const name = (element) => element.textContent.trim() + (element.getAttribute("href") ?? "");
  const focused = old.contains(document.activeElement) ? name(document.activeElement) : null;
  const open = new Set([...old.querySelectorAll("details[open] > summary")].map(name));
  for (const summary of fresh.querySelectorAll("details > summary")) summary.parentElement.open ||= open.has(name(summary));
  old.replaceWith(fresh);
  if (focused !== null) [...fresh.querySelectorAll(focusable)].find((element) => name(element) === focused)?.focus({ preventScroll: true });
}
