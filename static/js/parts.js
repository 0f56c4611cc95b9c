// The parts of a page that a change has made old, shown as the server now writes them: [data-part="name"].

const PATIENCE = 10_000;

// `names`: those to show again; `url`: the page that has them.
export async function refreshParts(names, url = location.pathname) {
  try {
    const response = await fetch(url, { redirect: "error", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) return;
    const now = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const name of names) {
      const fresh = now.querySelector(`[data-part="${CSS.escape(name)}"]`);
      if (fresh) document.querySelector(`[data-part="${CSS.escape(name)}"]`)?.replaceWith(fresh);
    }
  } catch {
    // No network: the parts are right again at the next change, or the next visit.
  }
}
