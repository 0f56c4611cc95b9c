// The sending of operations: kept on the device first, then sent in order, each counted once.
//   const outbox = new Outbox({ url, snapshot: () => ({ seq, seqs, … }) });  // without url: only what earlier pages left
//   outbox.addEventListener("state", ({ detail }) => …);   // { name, pending, isStored, message }
//   outbox.addEventListener("answer", ({ detail }) => …);  // { operation, answer }, of this page's stream
//   outbox.addEventListener("time", ({ detail }) => …);    // the server's clock, in ms
//   outbox.addEventListener("refused", ({ detail }) => …); // [{ operation, refusal }] of another stream
//   outbox.addEventListener("denied", ({ detail }) => …);  // operations of another stream, no longer theirs
//   const { operations, snapshot, denied } = await outbox.start();
//   outbox.add("score", { criterion: 3, level: 2 }, 7);
//
// States: saved, saving, waiting (no network, or the server is down), expired (log in again), other (another person is
// logged in), denied (the sheet is no longer theirs). `isStored`: false when the device refuses to keep what is not sent.

import { drop, whoIsIn } from "./device_store.js";
import { Queue, deviceName, newKey } from "./queue.js";
import { serverNowText } from "./server_time.js";
import { batchRequest, postBatch } from "./transport.js";

const BATCH = 100;
const PATIENCE = [1_000, 2_000, 5_000, 10_000, 20_000];

function deferred() {
  let resolve = null;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

export class Outbox extends EventTarget {
  #url;
  #snapshot;
  #user = document.body.dataset.person;
  #token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  #title = document.querySelector("form[data-stream]")?.dataset.title ?? "";
  #deviceQueue;
  #device = "";
  #queue = [];
  #sent = []; // on its way
  #left = []; // with the page
  #size = BATCH;
  #order = Date.now();
  #named = deferred();
  #started = false;
  #ready = deferred();
  #running = false;
  #ended = false;
  #timer = 0;
  #failures = 0;
  #state = "saved";
  #message = "";
  #shownStored = true; // the `isStored` of the last "state"

  constructor({ url = "", snapshot = null } = {}) {
    super();
    this.#url = url;
    this.#snapshot = snapshot;
    this.#deviceQueue = new Queue(this.#user);
  }

  get pending() {
    return this.#queue.length;
  }

  // Those of this page's stream that wait.
  get operations() {
    return this.#queue.filter(({ stream }) => stream === this.#url);
  }

  get isStored() {
    return this.#deviceQueue.isComplete;
  }

  get state() {
    return this.#state;
  }

  // Take up what earlier pages could not send. Returns what this page must show again: its own operations and the snapshot of its
  // state (or null); and `denied`, the operations of streams that were no longer theirs.
  async start() {
    this.#device = await deviceName();
    for (const operation of this.#queue) operation.device = this.#device;
    this.#named.resolve();
    const { all, snapshot } = await this.#deviceQueue.read(this.#url);
    const here = new Set(this.#queue.map(({ key }) => key));
    const before = all.filter(({ key }) => !here.has(key));
    // A page that opens is theirs again: what had been denied on it is sent once more.
    const own = before.filter(({ stream }) => stream === this.#url);
    const others = before.filter(({ stream, denied }) => stream !== this.#url && !denied);
    this.#order = Math.max(this.#order, ...all.map(({ order }) => order));
    this.#queue = [...own, ...this.#queue, ...others];
    window.addEventListener("online", () => this.#now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#now());
    window.addEventListener("focus", () => this.#now());
    this.#started = true;
    this.#ready.resolve();
    if (this.#queue.length) this.#run();
    return { operations: own, snapshot, denied: before.filter(({ stream, denied }) => stream !== this.#url && denied) };
  }

  // `again(operation)`: whether this one says anew what that one said. Of those that have not left yet, the last alone is sent.
  add(kind, payload, baseSeq, again = () => false) {
    this.#order = Math.max(this.#order + 1, Date.now());
    const operation = {
      key: newKey(),
      stream: this.#url,
      order: this.#order,
      denied: false,
      title: this.#title,
      device: this.#device,
      kind,
      payload,
      base_seq: baseSeq,
      at: serverNowText(),
    };
    const replaced = this.operations.filter((earlier) => !this.#sent.includes(earlier) && again(earlier));
    this.#queue = this.#queue.filter((earlier) => !replaced.includes(earlier)).concat(operation);
    this.#keep(operation, replaced);
    if (this.#timer || this.#ended) this.#tell(this.#state);
    else this.#run();
    return operation;
  }

  // Tell again when the device begins, or ceases, to refuse.
  async #keep(operation, replaced) {
    await this.#named.promise;
    await this.#deviceQueue.put(operation).catch(() => {});
    if (replaced.length) await this.#deviceQueue.settled().then(() => this.#deviceQueue.close(replaced)).catch(() => {});
    if (this.isStored !== this.#shownStored) this.#tell(this.#state);
  }

  // Keep the state of the page: it has changed without an operation of its own.
  remember() {
    if (this.#snapshot && !this.#ended) this.#deviceQueue.remember(this.#url, this.#snapshot()).catch(() => {});
  }

  // Delete denied operations, which their author has read.
  forget(denied) {
    return this.#deviceQueue.close(denied);
  }

  // Try now. Resolves to true when nothing is left to send.
  async flush() {
    await this.#ready.promise;
    while (this.#running) await new Promise((resolve) => setTimeout(resolve, 30));
    await this.#run();
    return this.#queue.length === 0;
  }

  // The page is going: what the device does not hold yet leaves without waiting for an answer. Its key makes it count once.
  leave() {
    const isSafe = (one) => this.#sent.includes(one) || this.#left.includes(one) || this.#deviceQueue.holds(one);
    const unkept = this.operations.filter((one) => !isSafe(one)).slice(0, BATCH);
    if (!unkept.length || this.#ended) return;
    this.#left.push(...unkept);
    fetch(this.#url, { ...batchRequest(this.#token, this.#device || newKey(), unkept), keepalive: true }).catch(() => {});
  }

  // The server said elsewhere that the stream is no longer theirs: send what waits, for it to be kept and shown, then forget.
  async withdraw(message) {
    if (this.#ended || !(await this.flush()) || this.#ended) return;
    // What the server refuses to another person says nothing of this one.
    const { user } = await whoIsIn().catch(() => ({}));
    if (user === this.#user) await this.#deny(this.#url, message);
    else if (user) this.#tell("other");
  }

  #now() {
    if (this.#queue.length && !this.#running) this.#run();
  }

  #tell(name, message = name === this.#state ? this.#message : "") {
    this.#state = name;
    this.#message = message;
    this.#shownStored = this.isStored;
    const detail = { name, message, pending: this.#queue.length, isStored: this.isStored };
    this.dispatchEvent(new CustomEvent("state", { detail }));
  }

  async #run() {
    if (!this.#started || this.#running || this.#ended) return;
    this.#running = true;
    clearTimeout(this.#timer);
    this.#timer = 0;
    try {
      while (this.#queue.length) {
        if (this.#state === "saved" || this.#state === "saving") this.#tell("saving");
        await this.#named.promise; // by then the operation is on its way to the device
        await this.#deviceQueue.settled();
        if (!(await this.#send(this.#batch()))) return;
      }
      this.#tell("saved");
    } finally {
      this.#running = false;
    }
  }

  // The next operations of one stream and one device.
  #batch() {
    const [{ stream, device }] = this.#queue;
    const end = this.#queue.findIndex((operation) => operation.stream !== stream || operation.device !== device);
    return this.#queue.slice(0, Math.min(this.#size, end < 0 ? this.#size : end));
  }

  // Send one batch. True: go on with the next. False: stop, an event or a timer starts again.
  async #send(batch, renewed = false) {
    this.#sent = batch;
    try {
      return await this.#post(batch, renewed);
    } finally {
      this.#sent = [];
    }
  }

  async #post(batch, renewed) {
    const [{ stream, device }] = batch;
    const { outcome, message, answers, time } = await postBatch(stream, this.#token, device, batch);
    if (outcome === "answered") return this.#answered(batch, answers, time);
    if (outcome === "loggedOut" && !renewed) return (await this.#renew()) && this.#post(batch, true);
    if (outcome === "denied") return this.#deny(stream, message);
    if (outcome === "unreadable") return this.#isolate(batch, message);
    return this.#later("waiting");
  }

  #answered(batch, answers, time) {
    this.#failures = 0;
    this.#size = BATCH;
    if (time) this.dispatchEvent(new CustomEvent("time", { detail: time }));
    return this.#close(batch, new Map(answers.map((answer) => [answer.key, answer])));
  }

  async #close(batch, answers) {
    this.#queue = this.#queue.filter((operation) => !batch.includes(operation));
    const own = batch[0].stream === this.#url;
    const refused = batch.filter(({ key }) => answers.get(key).status === "refused");
    if (!own && refused.length) {
      const detail = refused.map((operation) => ({ operation, refusal: answers.get(operation.key).refusal }));
      this.dispatchEvent(new CustomEvent("refused", { detail }));
    }
    for (const operation of own ? batch : []) {
      this.dispatchEvent(new CustomEvent("answer", { detail: { operation, answer: answers.get(operation.key) } }));
    }
    try {
      await this.#deviceQueue.close(batch, this.#url, own && this.#snapshot?.());
    } catch {} // Sent once more at the next visit: its key makes it count once.
    return true;
  }

  // A batch that cannot be read is sent one by one: only what is wrong is put aside, and shown.
  async #isolate(batch, message) {
    if (batch.length > 1) {
      this.#size = 1;
      return true;
    }
    return this.#close(batch, new Map([[batch[0].key, { status: "refused", refusal: message, seq: null, replaced: null }]]));
  }

  #later(name, message = "") {
    this.#tell(name, message);
    const wait = PATIENCE[Math.min(this.#failures, PATIENCE.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#run(), wait);
    return false;
  }

  // Access ended: nothing stays readable on the device. What waits for the stream stays there, encrypted.
  async #deny(stream, message) {
    try {
      await this.#deviceQueue.deny(stream);
      await drop();
      if (stream !== this.#url) {
        await this.#deviceQueue.reopen(); // The rest is still theirs if the server gives the key again.
        const denied = this.#queue.filter((operation) => operation.stream === stream);
        this.#queue = this.#queue.filter((operation) => operation.stream !== stream);
        this.dispatchEvent(new CustomEvent("denied", { detail: denied }));
        return true;
      }
    } catch {
      // Said all the same.
    }
    this.#ended = true;
    this.#tell("denied", message || "Cette page n'est plus la vôtre.");
    return false;
  }

  // After a new login the token is another one; it is taken only for the same person.
  async #renew() {
    try {
      const { user, token } = await whoIsIn();
      if (user === null) return this.#later("expired");
      if (user !== this.#user) {
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
