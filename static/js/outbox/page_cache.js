// The pages and images of the prepared interviews, encrypted on the device until the session's last day of interviews.

import { done, transaction, vaultHere } from "./device_store.js";

const HEADERS = [
  "Content-Type",
  "Content-Security-Policy",
  "Referrer-Policy",
  "X-Content-Type-Options",
  "X-Frame-Options",
  "Cross-Origin-Opener-Policy",
];
const decoder = new TextDecoder();

// Keep a response. `asked`: when it was asked for, in ms. `about`: { interview, expires, version } of what it belongs to. A page keeps
// the time in <html data-stored>. Rejects when it is not a page of the vault's owner, or when the device refuses.
export async function keep(vault, url, response, asked, about) {
  let body = await response.arrayBuffer();
  if (response.headers.get("Content-Type")?.startsWith("text/html")) {
    const html = decoder.decode(body);
    if (!html.includes(`data-person="${vault.user}"`)) throw new Error("a page of nobody, or of another person");
    const stored = html.replace("<html ", `<html data-stored="${new Date(asked).toISOString()}" `);
    body = new TextEncoder().encode(stored).buffer;
  }
  const headers = HEADERS.map((name) => [name, response.headers.get(name)]).filter(([, value]) => value);
  const record = { ...about, user: vault.user, url, headers, ...(await vault.seal("pages", url, body)) };
  await transaction(["pages"], "readwrite", (store) => done(store("pages").put(record)));
}

const find = (vault, url) => transaction(["pages"], "readonly", (store) => done(store("pages").get([vault.user, url])));

// What is kept of this address for the device's person, as a response; null when there is nothing, or no longer.
export async function stored(url) {
  const vault = await vaultHere();
  const record = vault && (await find(vault, url));
  if (!record || record.expires < Date.now()) return null;
  return new Response(await vault.bytes("pages", url, record), {
    headers: [...record.headers, ["Cache-Control", "no-store"]],
  });
}

// A page that is kept has just come from the site: keep it as it is now, or no longer if it does not exist any more.
export async function refresh(url, response, asked, version) {
  const vault = await vaultHere();
  const record = vault && (await find(vault, url));
  if (!record || response.redirected) return;
  const { interview, expires } = record;
  // An interview is no longer theirs: nothing of it stays, its dossier neither.
  if (response.status === 404) await forget((page) => page.interview === interview);
  if (!response.ok) return;
  const html = await response.clone().text();
  await keep(vault, url, response, asked, { interview, expires, version });
  // Where the dossier is shown, all of it is: an image that is not named there was replaced, a page was withdrawn.
  if (html.includes("data-cited-message")) {
    await forget((page) => page.interview === interview && page.url.endsWith(".webp") && !html.includes(page.url));
  }
}

// Delete what is kept and answers to `gone`.
function forget(gone) {
  return transaction(["pages"], "readwrite", async (store) => {
    const cursor = store("pages").openCursor();
    await new Promise((resolve, reject) => {
      cursor.onerror = () => reject(cursor.error);
      cursor.onsuccess = () => {
        if (!cursor.result) return resolve();
        if (gone(cursor.result.value)) cursor.result.delete();
        cursor.result.continue();
      };
    });
  });
}

// Addresses that are kept for `vault`.
export async function keptUrls(vault) {
  const keys = await transaction(["pages"], "readonly", (store) => done(store("pages").getAllKeys()));
  return new Set(keys.filter(([user]) => user === vault.user).map(([, url]) => url));
}

export const remove = (keys) =>
  transaction(["pages"], "readwrite", (store) => Promise.all(keys.map((key) => done(store("pages").delete(key)))));

// Delete what has expired.
export async function purge() {
  const expired = IDBKeyRange.upperBound(Date.now());
  await remove(await transaction(["pages"], "readonly", (store) => done(store("pages").index("expires").getAllKeys(expired))));
}

// The versions of the site's assets that kept pages were made with.
export function versions() {
  return transaction(["pages"], "readonly", async (store) => {
    const names = new Set();
    const cursor = store("pages").index("version").openKeyCursor(null, "nextunique");
    await new Promise((resolve, reject) => {
      cursor.onerror = () => reject(cursor.error);
      cursor.onsuccess = () => {
        if (!cursor.result) return resolve();
        names.add(cursor.result.key);
        cursor.result.continue();
      };
    });
    return names;
  });
}

// What was prepared: [{ interview, title, sheet, urls, images, expires }], or null.
export async function readDay(vault) {
  const get = (store) => done(store("snapshots").get([vault.user, "day"]));
  const record = await transaction(["snapshots"], "readonly", get);
  return record ? vault.value("snapshots", "day", record) : null;
}

export async function writeDay(vault, interviews) {
  const record = { user: vault.user, stream: "day", rank: 0, ...(await vault.seal("snapshots", "day", interviews)) };
  await transaction(["snapshots"], "readwrite", (store) => done(store("snapshots").put(record)));
}

// The interviews that can be opened now without the network, of those that were prepared.
export async function readyInterviews(vault, interviews) {
  const urls = await keptUrls(vault);
  const complete = ({ urls: pages, images }) => [...pages, ...images].every((url) => urls.has(url));
  return interviews.filter((interview) => interview.expires > Date.now() && complete(interview));
}
