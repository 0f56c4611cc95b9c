// The parts of a page that a change has made old, shown as the server now writes them: [data-part="name"].

const PATIENCE = 10_000;
// What could not be fetched is asked for again after each of these, ms.
const AGAIN = [0, 1_000, 3_000, 8_000];

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
    const response = await fetch(url, { redirect: "error", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) return response.status < 500;
    const now = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const name of names) {
      if (shown.get(name) > rank) continue;
      shown.set(name, rank);
      const selector = `[data-part="${CSS.escape(name)}"]`;
      const [old, fresh] = [document.querySelector(selector), now.querySelector(selector)];
      if (old && fresh && said(old) !== said(fresh)) replace(old, fresh);
    }
    document.dispatchEvent(new Event("parts"));
    return true;
  } catch {
    return false; // No network.
  }
}

// What a part says, without what differs each time it is written.
function said(part) {
  const targets = [...part.querySelectorAll("[href], [src], form")].map((one) => one.getAttribute("href") ?? one.getAttribute("src") ?? one.getAttribute("action"));
  const marks = [...part.querySelectorAll("[data-seen]")].map((one) => one.dataset.seen);
  return [part.textContent.replace(/\s+/g, " "), part.querySelectorAll("[data-busy]").length, ...targets, ...marks].join("\n");
}

// What was unfolded stays so; whoever is there with the keyboard stays on the same thing.
function replace(old, fresh) {
  const focusable = "a[href], button, summary, input:not([type=hidden])";
  const name = (one) => one.textContent.trim() + (one.getAttribute("href") ?? "");
  const focused = old.contains(document.activeElement) ? name(document.activeElement) : null;
  const open = new Set([...old.querySelectorAll("details[open] > summary")].map(name));
  for (const summary of fresh.querySelectorAll("details > summary")) summary.parentElement.open ||= open.has(name(summary));
  old.replaceWith(fresh);
  if (focused !== null) [...fresh.querySelectorAll(focusable)].find((one) => name(one) === focused)?.focus({ preventScroll: true });
}
