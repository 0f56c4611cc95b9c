// On the page shown without the network: the interviews that the device has ready, for whoever's key it holds.

import { vaultHere } from "./device_store.js";
import { readDay, readyInterviews } from "./page_cache.js";

async function show(root) {
  const vault = await vaultHere();
  const known = vault && (await readDay(vault));
  const ready = known ? await readyInterviews(vault, known) : [];
  root.querySelector("ul").append(...ready.map(item));
  root.hidden = ready.length === 0;
}

function item({ title, sheet }) {
  const link = Object.assign(document.createElement("a"), { href: sheet, textContent: title, className: "d-inline-block py-2" });
  const place = document.createElement("li");
  place.append(link);
  return place;
}

show(document.querySelector("[data-ready-here]")).catch(() => {});
