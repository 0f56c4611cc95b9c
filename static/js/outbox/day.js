// « Préparer ma journée » on the evaluators' home: fetches the day's interviews into the device's encrypted store, says what is ready.

import { vaultHere, vaultOf, whoIsIn } from "./device_store.js";
import { keep, keptUrls, readDay, readyInterviews, remove, writeDay } from "./page_cache.js";

const AT_ONCE = 3;
const PATIENCE = 30_000;
const DAY_FORMAT = { weekday: "long", day: "numeric", month: "long" };

class Day {
  #root;
  #home = location.pathname;
  #person = document.body.dataset.person;
  #failed = [];

  constructor(root) {
    this.#root = root;
    root.hidden = false;
    this.#button.addEventListener("click", () => this.#prepare());
  }

  get #button() {
    return this.#root.querySelector("[data-day-prepare]");
  }

  // At each visit: say what is ready and, with the network, fetch again quietly what may have changed.
  async start() {
    const vault = await vaultHere();
    const known = vault?.user === this.#person ? await readDay(vault) : null;
    if (!known) return;
    await this.#show(vault, known);
    if (navigator.onLine && !document.documentElement.dataset.stored) await this.#prepare(true);
  }

  async #prepare(quiet = false) {
    this.#button.disabled = !quiet;
    this.#failed = [];
    if (!quiet) this.#say("Préparation…");
    try {
      const { vault, interviews, version } = await this.#ask();
      await this.#fetchAll(vault, interviews, version, quiet);
      await this.#show(vault, interviews);
    } catch (error) {
      if (!quiet) this.#say(error.text ?? "Le site ne répond pas. Ce qui était prêt le reste : réessayez quand le réseau revient.");
    } finally {
      this.#button.disabled = false;
    }
  }

  async #ask() {
    const { user, token } = await whoIsIn();
    if (user !== this.#person) throw Object.assign(new Error(), { text: "Connexion expirée : reconnectez-vous, puis recommencez." });
    const headers = { "X-CSRFToken": token };
    const options = { method: "POST", headers, redirect: "error", signal: AbortSignal.timeout(PATIENCE) };
    const response = await fetch(this.#root.dataset.day, options);
    if (!response.ok) throw new Error(`day: ${response.status}`);
    const { interviews, version } = await response.json();
    const vault = await vaultOf(this.#person);
    await navigator.storage?.persist?.();
    await writeDay(vault, interviews);
    return { vault, interviews, version };
  }

  async #fetchAll(vault, interviews, version, quiet) {
    const stored = await keptUrls(vault);
    const wanted = new Map();
    const expires = Math.max(0, ...interviews.map((interview) => interview.expires));
    if (interviews.length) wanted.set(this.#home, { interview: 0, expires, version });
    for (const { interview, urls, images, expires: end } of interviews) {
      for (const url of urls) wanted.set(url, { interview, expires: end, version });
      for (const url of images) wanted.set(url, { interview, expires: end });
    }
    await remove([...stored].filter((url) => !wanted.has(url)).map((url) => [vault.user, url]));
    // Pages of a dossier never change under their address; the others are fetched again.
    const images = new Set(interviews.flatMap((interview) => interview.images));
    const todo = [...wanted].filter(([url]) => !(images.has(url) && stored.has(url)));
    const work = async () => {
      while (todo.length) {
        const [url, about] = todo.shift();
        await this.#fetch(vault, url, about);
        if (!quiet) await this.#progress(vault, interviews, wanted.size - todo.length, wanted.size);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const progress = this.#root.querySelector("progress");
    progress.hidden = true;
  }

  async #fetch(vault, url, about) {
    try {
      const asked = Date.now();
      const response = await fetch(url, { redirect: "error", cache: "no-cache", signal: AbortSignal.timeout(PATIENCE) });
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      await keep(vault, url, response, asked, about);
    } catch {
      this.#failed.push({ url, ...about });
    }
  }

  async #progress(vault, interviews, reached, all) {
    const progress = this.#root.querySelector("progress");
    progress.hidden = false;
    progress.max = all;
    progress.value = reached;
    this.#say(`${await this.#progressText(vault, interviews)}…`);
  }

  async #progressText(vault, interviews) {
    const stored = await keptUrls(vault);
    const ready = await readyInterviews(vault, interviews);
    const images = interviews.flatMap((interview) => interview.images);
    const here = images.filter((url) => stored.has(url)).length;
    const pages = images.length ? `, ${count(here, "page")} de dossier sur ${images.length}` : "";
    const agreed = ready.length > 1 ? "prêts" : "prêt";
    return `${count(ready.length, "entretien")} sur ${interviews.length} ${agreed}${pages}`;
  }

  async #show(vault, interviews) {
    const ready = new Map((await readyInterviews(vault, interviews)).map((interview) => [interview.interview, interview]));
    for (const place of document.querySelectorAll("[data-ready]")) {
      const interview = ready.get(Number(place.dataset.ready));
      place.hidden = !interview;
      place.replaceChildren(...(interview ? readyContent(interview) : []));
    }
    if (!interviews.length) this.#say("Aucun entretien à préparer aujourd'hui ni demain.");
    else if (this.#failed.length) this.#say(`${await this.#progressText(vault, interviews)}. ${this.#missing(interviews)}`);
    else this.#say(`${await this.#progressText(vault, interviews)}.`);
    if (this.#failed.length) this.#button.textContent = "Reprendre";
    else if (ready.size) this.#button.textContent = "Préparer de nouveau";
  }

  // Which interviews the failures leave incomplete.
  #missing(interviews) {
    const names = interviews
      .map(({ interview, title }) => [title, this.#failed.filter((failure) => failure.interview === interview).length])
      .filter(([, failures]) => failures)
      .map(([title, failures]) => `${title} (${count(failures, "page")})`);
    return `Il manque : ${names.join(", ") || "la page d'accueil"}. Reprenez quand le réseau est meilleur, ou l'appareil moins plein.`;
  }

  #say(text) {
    const place = this.#root.querySelector("[data-day-message]");
    if (place.textContent !== text) place.textContent = text;
  }
}

// « Prêt sur cet appareil jusqu'au vendredi 27 novembre : fiche, dossier de 12 pages »; the sheet as a link.
function readyContent({ expires, sheet, title, images }) {
  const link = Object.assign(document.createElement("a"), { href: sheet, textContent: "fiche de notation", className: "d-inline-block py-2" });
  const whose = Object.assign(document.createElement("span"), { textContent: ` : ${title}`, className: "visually-hidden" });
  link.append(whose);
  const until = new Date(expires).toLocaleDateString("fr", DAY_FORMAT);
  const dossier = images.length ? `, dossier de ${count(images.length, "page")}` : "";
  return [`Prêt sur cet appareil jusqu'au ${until} : `, link, `${dossier}.`];
}

const count = (number, word) => `${number} ${word}${number > 1 ? "s" : ""}`;

const root = document.querySelector("[data-day]");
if (root && globalThis.crypto?.subtle && globalThis.indexedDB) new Day(root).start().catch(() => {});
