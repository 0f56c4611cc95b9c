// What the device keeps of a person's work, encrypted: IndexedDB, and the key that the server issues for it. Used by the pages and by
// the service worker. One person's key at a time; what another left to send stays as ciphertext.
//
//   keys       the one key, not extractable, and whose it is
//   outbox     operations still to be sent: key, user, stream and order in clear, the rest encrypted
//   snapshots  [user, stream]: the state of a page; "day": what was prepared
//   pages      [user, url]: pages and images of the prepared interviews

const ISSUE_PATIENCE = 8_000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
let opened = null;

export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function database() {
  opened ??= open();
  opened.catch(() => (opened = null));
  return opened;
}

async function open() {
  const request = indexedDB.open("cqp", 1);
  request.onupgradeneeded = () => {
    const base = request.result;
    base.createObjectStore("keys", { keyPath: "name" });
    base.createObjectStore("outbox", { keyPath: "key" });
    base.createObjectStore("snapshots", { keyPath: ["user", "stream"] });
    const pages = base.createObjectStore("pages", { keyPath: ["user", "url"] });
    pages.createIndex("expires", "expires");
    pages.createIndex("version", "version");
  };
  const base = await done(request);
  base.onversionchange = () => base.close();
  base.onclose = () => (opened = null);
  return base;
}

// Do `work(store)` in one transaction, `store(name)` being one of `names`. Resolves once it is done for good: `strict`, on the disk.
export async function transaction(names, mode, work, { strict = false } = {}) {
  const base = await database();
  const all = base.transaction(names, mode, { durability: strict ? "strict" : "default" });
  const finished = new Promise((resolve, reject) => {
    all.oncomplete = resolve;
    all.onabort = () => reject(all.error ?? new Error("aborted"));
  });
  finished.catch(() => {}); // `work` may throw first
  const [result] = await Promise.all([work((name) => all.objectStore(name)), finished]);
  return result;
}

// The key at work. `store` and `id` are bound to what is sealed: it cannot be read as something else.
export class Vault {
  #key;

  constructor(user, key) {
    this.user = user;
    this.#key = key;
  }

  // `value`: bytes, or what JSON can say. Returns { iv, sealed }.
  async seal(store, id, value) {
    const bytes = value instanceof ArrayBuffer ? value : encoder.encode(JSON.stringify(value));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, sealed: await crypto.subtle.encrypt(this.#how(store, id, iv), this.#key, bytes) };
  }

  bytes(store, id, { iv, sealed }) {
    return crypto.subtle.decrypt(this.#how(store, id, iv), this.#key, sealed);
  }

  async value(store, id, record) {
    return JSON.parse(decoder.decode(await this.bytes(store, id, record)));
  }

  #how(store, id, iv) {
    return { name: "AES-GCM", iv, additionalData: encoder.encode(JSON.stringify([this.user, store, id])) };
  }
}

// The vault of whoever's key is on the device, or null.
export async function vaultHere() {
  const record = await transaction(["keys"], "readonly", (store) => done(store("keys").get("key")));
  return record ? new Vault(record.user, record.key) : null;
}

// The vault of `user`. Without their key here, it is asked for; the server gives it to whoever is logged in, and to them the device
// belongs from then on.
export async function vaultOf(user) {
  const here = await vaultHere();
  if (here?.user === user) return here;
  const key = await issue(user);
  if (here) await drop();
  await transaction(["keys"], "readwrite", (store) => done(store("keys").put({ name: "key", user, key })));
  return new Vault(user, key);
}

// Who is logged in, and a fresh token: { user, token }; { user: null } when the login has expired. Throws without the network.
export async function whoIsIn() {
  const response = await fetch(document.body.dataset.personUrl, {
    redirect: "error",
    signal: AbortSignal.timeout(ISSUE_PATIENCE),
  });
  if (response.status === 401) return { user: null };
  const { user, token } = await response.json();
  return { user: String(user), token };
}

async function issue(user) {
  const who = await whoIsIn();
  if (who.user !== user) throw new Error("another person is logged in");
  const response = await fetch(document.body.dataset.keyUrl, {
    method: "POST",
    headers: { "X-CSRFToken": who.token },
    redirect: "error",
    signal: AbortSignal.timeout(ISSUE_PATIENCE),
  });
  if (!response.ok) throw new Error(`no key: ${response.status}`);
  const issued = await response.json();
  if (String(issued.user) !== user) throw new Error("another person is logged in");
  const raw = Uint8Array.from(atob(issued.key), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  return key;
}

// Forget the key and all that can be fetched again. What is still to be sent stays, unreadable until its person comes back.
export async function drop() {
  const names = ["keys", "snapshots", "pages"];
  await transaction(names, "readwrite", (store) => Promise.all(names.map((name) => done(store(name).clear()))), { strict: true });
}
