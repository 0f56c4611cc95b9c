// The answers of a dossier, saved as they are typed: on the device first, then by the server. Without this script each heading has its
// plain form.

import { Answer } from "./answer.js";
import { Follow } from "../outbox/follow.js";
import { Outbox } from "../outbox/operations.js";
import { element } from "../shared/element.js";
import { refreshParts } from "../shared/parts.js";

const PARTS = ["progress", "missing"]; // of the page, that tell which headings are covered
const FOLLOW_EVERY = 15_000;

// What is said aloud, once, wherever one is on the page; while one types, that it is saved is only written.
class Voice {
  #place = element("p", { className: "visually-hidden", role: "status" });
  #last = "saved";

  constructor() {
    document.querySelector("main").append(this.#place);
  }

  say(name, text) {
    if (name === "saving" || (name === "saved" && this.#last === "saved" && document.activeElement.isContentEditable)) return;
    this.#last = name;
    this.#place.textContent = text || "Enregistré";
  }
}

class AnswersPage {
  #url;
  #seq;
  #outbox;
  #answers;
  #page;
  #voice = new Voice();
  #follow = null;
  #closed = false;

  constructor(forms) {
    const { stream, follow, seq } = forms[0].dataset;
    this.#url = follow;
    this.#seq = Number(seq);
    this.#page = new URL("../", new URL(follow, location.href)).pathname;
    this.#outbox = new Outbox({ url: stream });
    this.#answers = forms.map((form) => new Answer(form, this.#outbox));
    for (const answer of this.#answers) answer.addEventListener("covered", () => refreshParts(PARTS, this.#page));
    this.#outbox.addEventListener("state", ({ detail: { name } }) => this.#showState(name));
    this.#outbox.addEventListener("answer", ({ detail }) => this.#answered(detail));
    this.#listen();
  }

  // From the first key on: the outbox may still be waiting for its key.
  #listen() {
    document.addEventListener("visibilitychange", () => this.#flush());
    window.addEventListener("pagehide", () => this.#leave());
    window.addEventListener("beforeunload", (event) => {
      this.#leave();
      if (this.#outbox.pending && !this.#outbox.isStored) event.preventDefault();
    });
    document.addEventListener("submit", (event) => this.#handIn(event));
  }

  async start() {
    const { operations } = await this.#outbox.start();
    for (const operation of operations) this.#of(operation.payload.heading)?.restore(operation);
    for (const answer of this.#answers) if (answer.early) answer.flush();
    for (const answer of this.#answers) answer.show(this.#outbox.state);
    this.#follow = new Follow({
      url: this.#url,
      every: FOLLOW_EVERY,
      seq: () => this.#seq,
      apply: (news) => this.#apply(news),
      gone: () => this.#outbox.withdraw("Ce dossier n'est plus le vôtre."),
    });
  }

  #of(heading) {
    return this.#answers.find((answer) => answer.heading === heading);
  }

  #flush() {
    for (const answer of this.#answers) answer.flush();
  }

  #leave() {
    this.#flush();
    this.#outbox.leave();
  }

  #showState(name) {
    const texts = this.#answers.map((answer) => answer.show(name));
    this.#voice.say(name, texts.find((text) => text && text !== "Enregistré"));
  }

  #answered({ operation, answer }) {
    this.#of(operation.payload.heading)?.answered({ operation, answer });
    if (answer.status === "refused") this.#close(answer.refusal);
    this.#follow?.tell();
  }

  #apply(news) {
    for (const answer of news.answers) this.#of(answer.heading)?.changedElsewhere(answer);
    this.#seq = Math.max(this.#seq, news.seq);
    if (!news.refusal) return;
    this.#flush();
    this.#close(news.refusal);
  }

  // Nothing more is taken: say so, and show the dossier as it is.
  #close(refusal) {
    if (this.#closed) return;
    this.#closed = true;
    for (const answer of this.#answers) answer.close();
    const again = element("a", { href: this.#page, className: "btn btn-outline-primary", textContent: "Revoir le dossier tel qu'il est" });
    const box = element("div", { className: "alert alert-warning", role: "alert" });
    box.append(element("p", { textContent: refusal }), again);
    document.querySelector("main").prepend(box);
  }

  // Handing in waits until every answer is saved.
  async #handIn(event) {
    const form = event.target;
    if (!form.matches('form[action$="/deposer/"]') || event.defaultPrevented) return;
    this.#flush();
    if (!this.#outbox.pending) return;
    event.preventDefault();
    const { submitter } = event;
    if (await this.#outbox.flush()) return form.requestSubmit(submitter);
    const text = "Vos réponses ne sont pas encore toutes enregistrées : attendez le réseau, puis déposez le dossier.";
    form.querySelector("[data-answers-wait]")?.remove();
    const box = element("p", { className: "alert alert-danger", textContent: text });
    box.dataset.answersWait = "";
    form.append(box);
    this.#voice.say("waiting", text);
  }
}

const forms = [...document.querySelectorAll("form[data-answer]")];
if (forms.length) await new AnswersPage(forms).start();
