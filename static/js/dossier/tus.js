// One file on its way, piece by piece (tus 1.0). It waits for the network, and for a new login, as long as it takes.
//
//   const sending = new Sending(page, entry, { begun, progress, waiting, expired });
//   await sending.run();      // resolves once the site has all of it, or knows already what became of it
//   await sending.abandon();  // run() then resolves as well
//
// entry: { file, name, position, replaces, url }; `url` is set once the site knows of it. `page`: where uploads begin.

import { whoIsIn } from "../outbox/device_store.js";

const MOST = 1024 * 1024; // bytes in a piece
const LEAST = 128 * 1024; // where the network breaks again and again
const SILENCE = 30_000; // ms without a byte going out: the network is gone
const ANSWER = 20_000;
const PATIENCE = [1_000, 2_000, 5_000, 10_000, 20_000];
const UNREADABLE = "Ce fichier ne se lit plus sur cet appareil. Choisissez-le de nouveau.";
const GONE = "Cet envoi a été abandonné, ou est resté deux jours sans suite. Choisissez de nouveau le fichier.";

// What the site does not take, in its words.
export class Refused extends Error {}
class Expired extends Error {}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

async function checksum(piece) {
  if (!globalThis.crypto?.subtle) return {};
  const digest = await crypto.subtle.digest("SHA-256", await piece.arrayBuffer());
  return { "Upload-Checksum": `sha256 ${btoa(String.fromCharCode(...new Uint8Array(digest)))}` };
}

export class Sending {
  #page;
  #entry;
  #listener;
  #token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  #size = MOST;
  #abandoned = false;
  #request = null;
  #wake = () => {};

  constructor(page, entry, listener) {
    this.#page = page;
    this.#entry = entry;
    this.#listener = listener;
  }

  async run() {
    const wake = () => document.visibilityState === "visible" && this.#wake();
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    try {
      for (let failures = 0; !this.#abandoned; failures += 1) {
        const before = this.#entry.sent ?? 0;
        try {
          return await this.#toTheEnd();
        } catch (error) {
          if (error instanceof Refused) throw error;
          if (this.#abandoned) return;
          if (error instanceof Expired) this.#listener.expired();
          else this.#listener.waiting();
          this.#size = Math.max(this.#size / 2, LEAST);
          if ((this.#entry.sent ?? 0) > before) failures = 0;
          await this.#pause(PATIENCE[Math.min(failures, PATIENCE.length - 1)]);
          if (error instanceof Expired) await this.#renew();
        }
      }
    } finally {
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
    }
  }

  async abandon() {
    this.#abandoned = true;
    this.#request?.abort();
    this.#wake();
    if (this.#entry.url) await this.#ask("DELETE", this.#entry.url);
  }

  #pause(time) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #toTheEnd() {
    const { file } = this.#entry;
    if (!this.#entry.url) await this.#begin();
    for (let at = await this.#offset(); at < file.size && !this.#abandoned; ) {
      this.#entry.sent = at;
      this.#listener.progress(at);
      at = await this.#piece(at, file.slice(at, at + this.#size));
      this.#size = Math.min(this.#size * 2, MOST);
    }
  }

  async #begin() {
    const { file, name, position, replaces } = this.#entry;
    const fields = { filename: name, heading: String(position), ...(replaces && { replaces }) };
    const metadata = Object.entries(fields).map(([key, value]) => `${key} ${base64(value)}`);
    const response = await this.#ask("POST", this.#page, { "Upload-Length": String(file.size), "Upload-Metadata": metadata.join(",") });
    if (response.status !== 201) throw await refusal(response);
    this.#entry.url = response.headers.get("Location");
    await this.#listener.begun();
  }

  // Where to go on. What was refused is over: the page says why.
  async #offset() {
    const response = await this.#ask("HEAD", this.#entry.url);
    if (response.status === 404) throw new Refused(GONE);
    if (response.status === 410) return this.#entry.file.size;
    if (response.status !== 200) throw await refusal(response);
    return Number(response.headers.get("Upload-Offset"));
  }

  async #piece(at, piece) {
    let headers = {};
    try {
      headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(at), ...(await checksum(piece)) };
    } catch {
      throw new Refused(UNREADABLE);
    }
    const { status, offset, body } = await this.#patch(headers, piece, at);
    if (status === 204) return offset;
    // Another tab was quicker, the piece was spoilt on the way, or it is over: the site says where to go on.
    if ([404, 409, 410, 423, 460].includes(status)) return this.#offset();
    throw await refusal(new Response(body, { status }));
  }

  #patch(headers, piece, at) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.#request = request;
      let timer = 0;
      const listen = (silence) => {
        clearTimeout(timer);
        timer = setTimeout(() => request.abort(), silence);
      };
      request.open("PATCH", this.#entry.url);
      for (const [name, value] of Object.entries({ ...this.#headers, ...headers })) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", ({ loaded }) => {
        this.#listener.progress(at + Math.min(loaded, piece.size));
        listen(SILENCE);
      });
      request.addEventListener("loadend", () => {
        clearTimeout(timer);
        this.#request = null;
        const header = (name) => request.getResponseHeader(name);
        if (isLoggedOut(request.status, header("Tus-Resumable"))) reject(new Expired());
        else if (!header("Tus-Resumable")) reject(new TypeError("no answer of the site's"));
        else resolve({ status: request.status, offset: Number(header("Upload-Offset")), body: request.responseText });
      });
      listen(SILENCE);
      request.send(piece);
    });
  }

  get #headers() {
    return { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.#token };
  }

  async #ask(method, url, headers = {}) {
    const response = await fetch(url, {
      method,
      headers: { ...this.#headers, ...headers },
      redirect: "error",
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER),
    });
    const ours = response.headers.get("Tus-Resumable");
    if (isLoggedOut(response.status, ours)) throw new Expired();
    if (!ours) throw new TypeError("no answer of the site's"); // a portal's, or the site is down
    return response;
  }

  // After a new login, here or in another tab, the token is another.
  async #renew() {
    const { user, token } = await whoIsIn().catch(() => ({ user: null }));
    if (user === document.body.dataset.person) this.#token = token;
  }
}

const isLoggedOut = (status, ours) => !ours && (status === 401 || status === 403);

async function refusal(response) {
  if (response.status >= 500 || response.status === 429) return new TypeError("the site is down");
  const { message } = await response.json().catch(() => ({}));
  return new Refused(message ?? "Le site n'a pas accepté ce fichier. Rechargez la page, puis réessayez.");
}
