// The operations of one person that are still to be sent, as the device keeps them.

import { done, transaction, vaultHere, vaultOf } from "./device_store.js";

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Plain http has no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// A name for this tab, the same after a reload. A duplicated tab finds the name held by the first, and takes another.
export async function deviceName() {
  let known = null;
  try {
    known = sessionStorage.getItem("cqp-device");
  } catch {
    return newKey();
  }
  const name = known && (await hold(known)) ? known : newKey();
  if (name !== known) await hold(name);
  sessionStorage.setItem("cqp-device", name);
  return name;
}

function hold(name) {
  if (!navigator.locks) return true;
  return new Promise((resolve) => {
    navigator.locks.request(`cqp-device ${name}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {}); // until the page is gone
    });
  });
}

const ofUser = async (user) =>
  (await transaction(["outbox"], "readonly", (store) => done(store("outbox").getAll()))).filter((record) => record.user === user);

const titleOf = (vault, record) => vault.value("outbox", record.key, record).then(({ title }) => title, () => "");

// What `user` has left on the device, by stream: [{ title, count, denied }]. Without their key, a stream has no title.
export async function waiting(user) {
  const vault = await vaultHere();
  const streams = new Map();
  for (const record of await ofUser(user)) {
    const name = `${record.stream} ${record.denied}`;
    const known = streams.get(name) ?? { title: "", count: 0, denied: record.denied };
    known.count += 1;
    if (vault?.user === user && !known.title) known.title = await titleOf(vault, record);
    streams.set(name, known);
  }
  return [...streams.values()];
}

export class Queue {
  #user;
  #vault = null;
  #unwritten = [];
  #written = new Set(); // keys
  #writing = null;

  constructor(user) {
    this.#user = user;
  }

  async #open() {
    this.#vault ??= await vaultOf(this.#user);
    return this.#vault;
  }

  // The key was dropped: take it anew, if the server still gives it.
  async reopen() {
    this.#vault = null;
    await this.#open();
  }

  // What earlier pages left: `all` operations, and the `snapshot` of the page of `stream` (or null).
  async read(stream) {
    try {
      return { all: await this.#all(), snapshot: stream ? await this.#snapshot(stream) : null };
    } catch {
      return { all: [], snapshot: null }; // Nothing can be kept here: the page works on, and says so.
    }
  }

  // All that is kept, in the order in which it was done: operations { key, stream, order, denied, title, device, kind, payload, … }.
  async #all() {
    const vault = await this.#open();
    const records = (await ofUser(this.#user)).sort((a, b) => a.order - b.order);
    const read = async (record) => {
      const { key, stream, order, denied } = record;
      const content = await vault.value("outbox", key, record).catch(() => null);
      return content && { ...content, key, stream, order, denied };
    };
    const all = (await Promise.all(records.map(read))).filter(Boolean);
    for (const { key } of all) this.#written.add(key);
    return all;
  }

  // Keep an operation. Rejects when the device refuses; it is tried again with the next one. What comes together is written together.
  put(operation) {
    this.#unwritten.push(operation);
    this.#writing ??= this.#write().finally(() => (this.#writing = null));
    return this.#writing;
  }

  // Whether the device keeps all that it was given.
  get isComplete() {
    return this.#unwritten.length === 0;
  }

  // Whether the device keeps this operation.
  holds({ key }) {
    return this.#written.has(key);
  }

  // Resolves when nothing is being written.
  async settled() {
    await this.#writing?.catch(() => {});
  }

  async #write() {
    while (this.#unwritten.length) {
      const vault = await this.#open();
      const batch = [...this.#unwritten];
      const records = await Promise.all(batch.map((operation) => this.#sealed(vault, operation)));
      const putAll = (store) => records.forEach((record) => store("outbox").put(record));
      await transaction(["outbox"], "readwrite", putAll, { strict: true });
      this.#unwritten = this.#unwritten.filter((operation) => !batch.includes(operation));
      for (const { key } of batch) this.#written.add(key);
    }
  }

  async #sealed(vault, { key, stream, order, denied, ...content }) {
    const { iv, sealed } = await vault.seal("outbox", key, content);
    return { key, user: this.#user, stream, order, denied, iv, sealed };
  }

  // Answered operations leave; the page of `stream` as it is now takes their place, in the same transaction.
  async close(operations, stream = "", state = null) {
    this.#unwritten = this.#unwritten.filter((operation) => !operations.includes(operation));
    const page = state && (await this.#page(stream, state));
    const work = async (store) => {
      if (page) await putNewer(store("snapshots"), page);
      await Promise.all(operations.map(({ key }) => done(store("outbox").delete(key))));
    };
    await transaction(["outbox", "snapshots"], "readwrite", work);
  }

  // Keep the state of the page of `stream`.
  async remember(stream, state) {
    const page = await this.#page(stream, state);
    await transaction(["snapshots"], "readwrite", (store) => putNewer(store("snapshots"), page));
  }

  async #page(stream, state) {
    const vault = await this.#open();
    const rank = Math.max(state.seq, ...Object.values(state.seqs));
    return { user: this.#user, stream, rank, ...(await vault.seal("snapshots", stream, state)) };
  }

  async #snapshot(stream) {
    const vault = await this.#open();
    const get = (store) => done(store("snapshots").get([this.#user, stream]));
    const record = await transaction(["snapshots"], "readonly", get);
    return record ? vault.value("snapshots", stream, record) : null;
  }

  // The server said that the stream is no longer theirs: what waits for it is kept, and not sent again by itself.
  async deny(stream) {
    const work = async (store) => {
      const records = (await done(store("outbox").getAll())).filter((record) => record.user === this.#user && record.stream === stream);
      await Promise.all(records.map((record) => done(store("outbox").put({ ...record, denied: true }))));
    };
    await transaction(["outbox"], "readwrite", work, { strict: true });
  }
}

// Another tab may have written a later state of the same page.
async function putNewer(snapshots, page) {
  const before = await done(snapshots.get([page.user, page.stream]));
  if (!before || before.rank <= page.rank) await done(snapshots.put(page));
}
