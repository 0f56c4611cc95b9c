// The service worker of the evaluators' pages. Cache Storage holds the site's own files and one page that says nothing of anybody; what
// is about people is read from the encrypted store, and only for whoever's key is on the device.

import { purge, refresh, stored, versions } from "./page_cache.js";

const PATIENCE = 4_000;
const PREFIX = "cqp-assets-";
const PAGE_IMAGE = /^\/fichiers\/[^/]+\/pages\/\d+\.webp$/;

// `version` names this state of the `assets`; `hashed`: their addresses change with their content; `shell`: the page without data.
export function serve(options) {
  const site = new SiteOnDevice(options);
  self.addEventListener("install", (event) => event.waitUntil(site.install()));
  self.addEventListener("activate", (event) => event.waitUntil(site.activate()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) return;
    if (request.mode === "navigate") event.respondWith(site.page(event, url.pathname + url.search));
    else if (PAGE_IMAGE.test(url.pathname)) event.respondWith(pageImage(request, url.pathname));
    else if (site.has(url.pathname)) event.respondWith(site.asset(request));
    else if (/\.(css|js|svg|png|map)$/.test(url.pathname)) event.respondWith(olderAsset(request));
  });
}

class SiteOnDevice {
  #version;
  #assets;
  #hashed;
  #shell;
  #name; // of its cache

  constructor({ version, assets, hashed, shell }) {
    this.#version = version;
    this.#assets = new Set(assets);
    this.#hashed = hashed;
    this.#shell = shell;
    this.#name = PREFIX + version;
  }

  has(path) {
    return this.#assets.has(path);
  }

  async install() {
    const cache = await caches.open(this.#name);
    const ask = (url) => new Request(url, { credentials: "omit", cache: "no-cache" });
    await cache.addAll([...this.#assets, this.#shell].map(ask));
    await self.skipWaiting();
  }

  // The files of an earlier version stay while a page that is kept, or still open, needs them.
  async activate() {
    const used = await versions().catch(() => null);
    const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== this.#name);
    const old = used ? names.slice(0, -1).filter((name) => !used.has(name.slice(PREFIX.length))) : [];
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  }

  async asset(request) {
    const cache = await caches.open(this.#name);
    const here = await cache.match(request, { ignoreVary: true });
    if (here && this.#hashed) return here;
    return fetch(request).catch(() => here ?? Response.error());
  }

  async page(event, url) {
    const asked = Date.now();
    const here = stored(url).catch(() => null);
    const network = fetch(event.request);
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    const first = await Promise.race([network.catch(() => null), late.then(() => here)]);
    const response = first ?? (await network.catch(() => null));
    if (!response || response.status >= 500) return (await here) ?? (await this.#shellPage()) ?? response ?? Response.error();
    if (response.headers.get("Content-Type")?.startsWith("text/html")) {
      const copy = response.clone();
      event.waitUntil(refresh(url, copy, asked, this.#version).then(purge).catch(() => {}));
    }
    return response;
  }

  async #shellPage() {
    return (await caches.open(this.#name)).match(this.#shell, { ignoreVary: true });
  }
}

async function olderAsset(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

// The device first: a page of a dossier never changes under its address.
async function pageImage(request, url) {
  return (await stored(url).catch(() => null)) ?? fetch(request);
}
