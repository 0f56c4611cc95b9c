// The answers of a dossier, saved as they are typed: on the device first, then by the server. Without this script each heading has its
// plain form.

import { Follow } from "./follow.js";
import { LIMIT, fragmentOf, parse } from "./marks.js";
import { Outbox } from "./operations.js";
import { refreshParts } from "./parts.js";
import { Surface } from "./surface.js";

const PAUSE = 800; // ms without a key before what was typed is an operation
const AT_MOST = 4_000; // and, for who types on and on, at most
const NEAR = LIMIT - 2_000;
const PARTS = ["progress", "missing"]; // of the page, that tell which headings are covered
const FOLLOW_EVERY = 15_000;

class Answer extends EventTarget {
  #form;
  #outbox;
  #surface;
  #said; // what the last operation, or the server, said
  #state = element("p", { className: "form-text answer-state" });
  #count = element("p", { className: "form-text", hidden: true });
  #refused = false;
  #covered;
  #pause = 0;
  #limit = 0;

  constructor(form, outbox) {
    super();
    this.#form = form;
    this.#outbox = outbox;
    this.heading = Number(form.dataset.answer);
    this.seq = Number(form.elements.base_seq.value);
    const area = form.elements.text;
    this.#said = area.defaultValue;
    this.#covered = area.defaultValue !== "";
    // What was typed while this script was still on its way counts too.
    this.early = area.value !== area.defaultValue;
    this.#surface = new Surface(area);
    for (const plain of form.querySelectorAll("[data-plain]")) plain.hidden = true;
    form.append(this.#count, this.#state);
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#surface.addEventListener("typed", () => this.#typed());
    this.#surface.addEventListener("left", () => this.flush());
  }

  get #isPending() {
    return this.#outbox.operations.some(({ payload }) => payload.heading === this.heading);
  }

  // --- From the surface to an operation

  #typed() {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.flush(), PAUSE);
    this.#limit ||= setTimeout(() => this.flush(), AT_MOST);
    this.show("saving");
  }

  flush() {
    clearTimeout(this.#pause);
    clearTimeout(this.#limit);
    this.#pause = this.#limit = 0;
    const { text } = this.#surface;
    this.#showCount(text);
    if (text !== this.#said && text.length <= LIMIT) {
      this.#said = text;
      const same = ({ kind, payload }) => kind === "answer" && payload.heading === this.heading;
      this.#outbox.add("answer", { heading: this.heading, text }, this.seq, same);
    }
    this.show(this.#outbox.state);
  }

  #showCount(text) {
    this.#count.hidden = text.length < NEAR;
    const over = text.length - LIMIT;
    const words = over > 0 ? `${number(over)} de trop : raccourcissez, la suite n'est pas enregistrée.` : `sur ${number(LIMIT)}.`;
    this.#count.textContent = over > 0 ? `${number(text.length)} caractères, ${words}` : `${number(text.length)} caractères ${words}`;
    this.#count.classList.toggle("text-danger", over > 0);
  }

  // --- From the outbox and the other devices to the surface

  // What was typed before the page was reloaded, and is still to be sent.
  restore({ payload, base_seq }) {
    this.seq = Math.min(this.seq, base_seq);
    if (!this.early) this.#write(payload.text);
  }

  answered({ operation, answer }) {
    this.#refused = answer.status === "refused";
    if (this.#refused) return;
    this.seq = Math.max(this.seq, answer.seq);
    if (answer.replaced) this.#showReplaced(answer.replaced.text);
    this.#tellCovered(operation.payload.text !== "");
  }

  // Whether the heading has an answer: the rest of the page says so too.
  #tellCovered(covered) {
    if (covered !== this.#covered) this.dispatchEvent(new Event("covered"));
    this.#covered = covered;
  }

  #showReplaced(text) {
    const shown = element("div", { className: "answer-text mb-2" });
    shown.append(fragmentOf(parse(text)));
    const again = element("button", { type: "button", className: "btn btn-outline-primary", textContent: "Rétablir ce texte" });
    const box = element("div", { className: "alert alert-warning mt-2", role: "alert" });
    const words = "Votre texte remplace celui-ci, écrit sur un autre appareil :";
    box.append(element("p", { textContent: words }), shown, again);
    this.#form.append(box);
    again.addEventListener("click", () => {
      box.remove();
      this.#surface.text = text;
      this.flush();
    });
  }

  // Another device wrote it. What is being typed here, or waits, is laid over it: the server will say what it replaced.
  changedElsewhere({ text, seq }) {
    if (seq <= this.seq || this.#pause || this.#isPending) return;
    this.seq = seq;
    this.#write(text);
    this.#tellCovered(text !== "");
  }

  #write(text) {
    this.#said = text;
    this.#surface.text = text;
    this.show(this.#outbox.state);
  }

  close() {
    this.#surface.close();
  }

  show(name) {
    const here = this.#outbox.kept ? "Sur cet appareil" : "Dans cette page seulement (ne la fermez pas)";
    const words = {
      saved: "Enregistré",
      saving: "Enregistrement…",
      waiting: `${here}, en attente du réseau`,
      expired: `${here}. Votre connexion a expiré : reconnectez-vous pour l'enregistrer.`,
      other: `${here}. Une autre personne est connectée : ce texte attend votre connexion.`,
      refused: "Arrivé trop tard : ce texte n'est pas dans le dossier. Copiez-le s'il le faut.",
      denied: `${here}, non enregistré : ce dossier n'est plus le vôtre.`,
    };
    const typing = this.#pause || this.#surface.text !== this.#said;
    const rest = this.#refused ? "refused" : "saved";
    const state = typing ? "saving" : this.#isPending ? name : rest;
    const blank = state === "saved" && !this.#said;
    const text = blank || this.#surface.text.length > LIMIT ? "" : words[state];
    if (this.#state.textContent !== text) this.#state.textContent = text;
    this.#state.dataset.saving = state;
    if (state === "expired" || state === "other") this.#state.append(" ", this.#login());
    return text;
  }

  #login() {
    const { login } = this.#form.dataset;
    return element("a", { href: login, target: "_blank", rel: "noopener", textContent: "Se reconnecter", className: "btn btn-sm btn-outline-primary" });
  }
}

// What is said aloud, once, wherever one is on the page; while one types, that it is saved is only written.
class Voice {
  #place = element("p", { className: "visually-hidden", role: "status" });
  #last = "saved";

  constructor() {
    document.querySelector("main").append(this.#place);
  }

  say(name, words) {
    if (name === "saving" || (name === "saved" && this.#last === "saved" && document.activeElement.isContentEditable)) return;
    this.#last = name;
    this.#place.textContent = words || "Enregistré";
  }
}

async function start(forms) {
  const { stream, follow: url, seq } = forms[0].dataset;
  const outbox = new Outbox({ url: stream });
  const answers = forms.map((form) => new Answer(form, outbox));
  const of = (heading) => answers.find((answer) => answer.heading === heading);
  const flushAll = () => answers.forEach((answer) => answer.flush());
  const voice = new Voice();
  let follow = null;
  let known = Number(seq);
  let closed = false;
  const page = new URL("../", new URL(url, location.href)).pathname;

  for (const answer of answers) answer.addEventListener("covered", () => refreshParts(PARTS, page));
  outbox.addEventListener("state", ({ detail: { name } }) => {
    const words = answers.map((answer) => answer.show(name));
    voice.say(name, words.find((text) => text && text !== "Enregistré"));
  });
  outbox.addEventListener("answer", ({ detail }) => {
    of(detail.operation.payload.heading)?.answered(detail);
    if (detail.answer.status === "refused") close(detail.answer.refusal);
    follow?.tell();
  });
  function close(refusal) {
    if (closed) return;
    closed = true;
    for (const answer of answers) answer.close();
    const again = element("a", { href: page, className: "btn btn-outline-primary", textContent: "Revoir le dossier tel qu'il est" });
    const box = element("div", { className: "alert alert-warning", role: "alert" });
    box.append(element("p", { textContent: refusal }), again);
    document.querySelector("main").prepend(box);
  }

  // From the first key on: the outbox may still be waiting for its key.
  document.addEventListener("visibilitychange", flushAll);
  window.addEventListener("pagehide", () => {
    flushAll();
    outbox.leave();
  });
  window.addEventListener("beforeunload", (event) => {
    flushAll();
    outbox.leave();
    if (outbox.pending && !outbox.kept) event.preventDefault();
  });
  document.addEventListener("submit", (event) => handIn(event, flushAll, outbox, voice));

  const { operations } = await outbox.start();
  for (const operation of operations) of(operation.payload.heading)?.restore(operation);
  for (const answer of answers) if (answer.early) answer.flush();
  for (const answer of answers) answer.show(outbox.state);

  follow = new Follow({
    url,
    every: FOLLOW_EVERY,
    seq: () => known,
    apply: (news) => {
      for (const one of news.answers) of(one.heading)?.changedElsewhere(one);
      known = Math.max(known, news.seq);
      if (news.refusal) {
        flushAll();
        close(news.refusal);
      }
    },
    gone: () => outbox.withdraw("Ce dossier n'est plus le vôtre."),
  });
}

// Handing in waits until every answer is saved.
async function handIn(event, flushAll, outbox, voice) {
  const form = event.target;
  if (!form.matches('form[action$="/deposer/"]') || event.defaultPrevented) return;
  flushAll();
  if (!outbox.pending) return;
  event.preventDefault();
  const { submitter } = event;
  if (await outbox.flush()) return form.requestSubmit(submitter);
  const words = "Vos réponses ne sont pas encore toutes enregistrées : attendez le réseau, puis déposez le dossier.";
  form.querySelector("[data-answers-wait]")?.remove();
  const box = element("p", { className: "alert alert-danger", textContent: words });
  box.dataset.answersWait = "";
  form.append(box);
  voice.say("waiting", words);
}

const number = (value) => value.toLocaleString("fr");

function element(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

const forms = [...document.querySelectorAll("form[data-answer]")];
if (forms.length) await start(forms);
