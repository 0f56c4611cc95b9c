// The service worker of the evaluators' pages. Cache Storage holds the site's own files and one page that says nothing of anybody; what
// is about people is read from the encrypted store, and only for whoever's key is on the device.

import { purge, refresh, stored, versions } from "./stored.js";

const PATIENCE = 4_000;
const PREFIX = "cqp-assets-";
const PAGE_IMAGE = /^\/fichiers\/[^/]+\/pages\/\d+\.webp$/;

// `version` names this state of the `assets`; `hashed`: their addresses change with their content; `shell`: the page without data.
export function serve({ version, assets, hashed, shell }) {
  const name = PREFIX + version;
  const known = new Set(assets);

  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(activate()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) return;
    if (request.mode === "navigate") event.respondWith(page(event, url.pathname + url.search));
    else if (PAGE_IMAGE.test(url.pathname)) event.respondWith(image(request, url.pathname));
    else if (known.has(url.pathname)) event.respondWith(asset(request));
    else if (/\.(css|js|svg|png|map)$/.test(url.pathname)) event.respondWith(olderAsset(request));
  });

  async function install() {
    const cache = await caches.open(name);
    const ask = (url) => new Request(url, { credentials: "omit", cache: "no-cache" });
    await cache.addAll([...assets, shell].map(ask));
    await self.skipWaiting();
  }

  // The files of an earlier version stay while a page that is kept, or still open, needs them.
  async function activate() {
    const used = await versions().catch(() => null);
    const names = (await caches.keys()).filter((one) => one.startsWith(PREFIX) && one !== name);
    const old = used ? names.slice(0, -1).filter((one) => !used.has(one.slice(PREFIX.length))) : [];
    await Promise.all(old.map((one) => caches.delete(one)));
    await self.clients.claim();
  }

  async function asset(request) {
    const cache = await caches.open(name);
    const here = await cache.match(request, { ignoreVary: true });
    if (here && hashed) return here;
    return fetch(request).catch(() => here ?? Response.error());
  }

  async function olderAsset(request) {
    return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
  }

  // The device first: a page of a dossier never changes under its address.
  async function image(request, url) {
    return (await stored(url).catch(() => null)) ?? fetch(request);
  }

  async function page(event, url) {
    const asked = Date.now();
    const here = stored(url).catch(() => null);
    const network = fetch(event.request);
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    const response = await Promise.race([network.catch(() => null), late.then(() => here)]);
    const found = response ?? (await network.catch(() => null));
    if (!found || found.status >= 500) return (await here) ?? (await shellPage()) ?? found ?? Response.error();
    if (found.headers.get("Content-Type")?.startsWith("text/html")) {
      const copy = found.clone();
      event.waitUntil(refresh(url, copy, asked, version).then(purge).catch(() => {}));
    }
    return found;
  }

  async function shellPage() {
    return (await caches.open(name)).match(shell, { ignoreVary: true });
  }
}
