// What the worker is doing, shown as it goes: the parts of the page that hold something [data-busy].

import { refreshParts } from "../shared/parts.js";

const EVERY = 2_000;

const busy = () =>
  [...document.querySelectorAll("[data-part]")].filter((part) => part.matches("[data-busy], :has([data-busy])")).map(({ dataset }) => dataset.part);

const pause = () => new Promise((resolve) => setTimeout(resolve, EVERY));

while (busy().length) {
  await pause();
  if (document.visibilityState === "visible") await refreshParts(busy(), location.pathname + location.search);
}
