// The sending of operations: kept on the device first, then sent in order, each counted once.
//
//   const outbox = new Outbox({ url, user, personUrl, token, store });
//   outbox.addEventListener("state", ({ detail }) => …);   // { name, pending, message }
//   outbox.addEventListener("answer", ({ detail }) => …);  // { operation, answer }
//   outbox.addEventListener("time", ({ detail }) => …);    // the server's clock, in ms
//   outbox.start(); outbox.add("score", { criterion: 3, level: 2 }, 7);
//
// States: saved, saving, waiting (no network, or the server is down), expired (log in again), other (another person is
// logged in), denied (the sheet is no longer theirs). Except in `saved`, what is not sent stays in the store.

const BATCH = 50;
const TIMEOUT = 20_000;
const PATIENCE = [1_000, 2_000, 5_000, 10_000, 20_000];

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Plain http has no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function deviceName() {
  try {
    const known = sessionStorage.getItem("cqp-device") || newKey();
    sessionStorage.setItem("cqp-device", known);
    return known;
  } catch {
    return newKey();
  }
}

// Local time with its offset: the server knows what the evaluator's watch said.
function localIso(date) {
  const offset = -date.getTimezoneOffset();
  const two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 23);
  return `${local}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}

// Pending operations of one person and stream in localStorage, one entry each: two tabs do not overwrite each other.
export class LocalStore {
  #prefix;

  constructor(user, url) {
    this.#prefix = `cqp-outbox ${user} ${url} `;
  }

  all() {
    const found = [];
    try {
      for (let index = 0; index < localStorage.length; index += 1) {
        const name = localStorage.key(index);
        if (name.startsWith(this.#prefix)) found.push(JSON.parse(localStorage.getItem(name)));
      }
    } catch {
      return found;
    }
    return found.sort((a, b) => a.order - b.order);
  }

  put(operation) {
    try {
      localStorage.setItem(this.#prefix + operation.key, JSON.stringify(operation));
      return true;
    } catch {
      return false; // Full or forbidden: it stays in memory, and leaving the page warns.
    }
  }

  remove(operation) {
    try {
      localStorage.removeItem(this.#prefix + operation.key);
    } catch {
      // Sent once more at the next visit: its key makes it count once.
    }
  }
}

export class Outbox extends EventTarget {
  #url;
  #user;
  #personUrl;
  #token;
  #store;
  #device = deviceName();
  #queue = [];
  #size = BATCH;
  #order = 0;
  #running = false;
  #timer = 0;
  #failures = 0;
  #state = "saved";

  constructor({ url, user, personUrl, token, store }) {
    super();
    this.#url = url;
    this.#user = user;
    this.#personUrl = personUrl;
    this.#token = token;
    this.#store = store;
  }

  get pending() {
    return this.#queue.length;
  }

  get state() {
    return this.#state;
  }

  // Take up what an earlier page could not send, and return it.
  start() {
    this.#queue = this.#store.all();
    this.#order = Math.max(Date.now(), ...this.#queue.map((operation) => operation.order));
    window.addEventListener("online", () => this.#now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#now());
    window.addEventListener("focus", () => this.#now());
    const restored = [...this.#queue];
    if (restored.length) this.#run();
    return restored;
  }

  add(kind, payload, baseSeq) {
    this.#order = Math.max(this.#order + 1, Date.now());
    const operation = {
      key: newKey(),
      kind,
      payload,
      base_seq: baseSeq,
      at: localIso(new Date()),
      order: this.#order,
    };
    this.#queue.push(operation);
    this.#store.put(operation);
    if (this.#timer) this.#tell(this.#state);
    else this.#run();
    return operation;
  }

  // Try now. Resolves to true when nothing is left to send.
  async flush() {
    while (this.#running) await new Promise((resolve) => setTimeout(resolve, 30));
    await this.#run();
    return this.#queue.length === 0;
  }

  #now() {
    if (this.#queue.length && !this.#running) this.#run();
  }

  #tell(name, message = "") {
    this.#state = name;
    const detail = { name, message, pending: this.#queue.length };
    this.dispatchEvent(new CustomEvent("state", { detail }));
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    this.#timer = 0;
    try {
      while (this.#queue.length) {
        if (this.#state === "saved" || this.#state === "saving") this.#tell("saving");
        if (!(await this.#send(this.#queue.slice(0, this.#size)))) return;
      }
      this.#tell("saved");
    } finally {
      this.#running = false;
    }
  }

  // Send one batch. True: go on with the next. False: stop, an event or a timer starts again.
  async #send(batch, renewed = false) {
    let response;
    let body = null;
    try {
      response = await fetch(this.#url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.#token },
        body: JSON.stringify({ device: this.#device, operations: batch.map(({ order, ...operation }) => operation) }),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT),
      });
      if (response.headers.get("Content-Type")?.startsWith("application/json")) body = await response.json();
    } catch {
      return this.#later("waiting");
    }
    if (response.ok && body?.answers?.length === batch.length) return this.#answered(batch, body, response);
    if ((response.status === 401 || response.status === 403) && !renewed) {
      return (await this.#renew()) && this.#send(batch, true);
    }
    if (response.status === 404) {
      this.#tell("denied", body?.message ?? "Cette fiche n'est plus la vôtre.");
      return false;
    }
    if (body && [409, 413, 422].includes(response.status)) return this.#isolate(batch, body.message);
    return this.#later("waiting"); // 5xx, 429, or a page of the network that is not ours.
  }

  #answered(batch, body, response) {
    this.#failures = 0;
    this.#size = BATCH;
    const date = Date.parse(response.headers.get("Date"));
    if (date) this.dispatchEvent(new CustomEvent("time", { detail: date }));
    const answers = new Map(body.answers.map((answer) => [answer.key, answer]));
    for (const operation of batch) this.#close(operation, answers.get(operation.key));
    return true;
  }

  #close(operation, answer) {
    this.#queue = this.#queue.filter((one) => one.key !== operation.key);
    this.#store.remove(operation);
    this.dispatchEvent(new CustomEvent("answer", { detail: { operation, answer } }));
  }

  // A batch that cannot be read is sent one by one: only what is wrong is put aside, and shown.
  #isolate(batch, message) {
    if (batch.length > 1) {
      this.#size = 1;
      return true;
    }
    this.#close(batch[0], { status: "refused", refusal: message, seq: null, replaced: null });
    return true;
  }

  #later(name, message = "") {
    this.#tell(name, message);
    const wait = PATIENCE[Math.min(this.#failures, PATIENCE.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#run(), wait);
    return false;
  }

  // After a new login the token is another one; it is taken only for the same person.
  async #renew() {
    try {
      const response = await fetch(this.#personUrl, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT) });
      if (response.status === 401) return this.#later("expired");
      const { user, token } = await response.json();
      if (String(user) !== String(this.#user)) {
        this.#tell("other");
        return false;
      }
      this.#token = token;
      return true;
    } catch {
      return this.#later("waiting");
    }
  }
}
