// The answer to one heading: from where it is typed to an operation, and back.

import { LIMIT, fragmentOf, parse } from "./markup.js";
import { RichText } from "./rich_text.js";
import { element } from "../shared/element.js";

const PAUSE = 800; // ms without a key before what was typed is an operation
const AT_MOST = 4_000; // and, for who types on and on, at most
const NEAR = LIMIT - 2_000;

export class Answer extends EventTarget {
  #form;
  #outbox;
  #richText;
  #savedText; // of the last operation, or of the server
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
    this.#savedText = area.defaultValue;
    this.#covered = area.defaultValue !== "";
    // What was typed while this script was still on its way counts too.
    this.early = area.value !== area.defaultValue;
    this.#richText = new RichText(area);
    for (const plain of form.querySelectorAll("[data-plain]")) plain.hidden = true;
    form.append(this.#count, this.#state);
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#richText.addEventListener("typed", () => this.#typed());
    this.#richText.addEventListener("left", () => this.flush());
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
    const { text } = this.#richText;
    this.#showCount(text);
    if (text !== this.#savedText && text.length <= LIMIT) {
      this.#savedText = text;
      const same = ({ kind, payload }) => kind === "answer" && payload.heading === this.heading;
      this.#outbox.add("answer", { heading: this.heading, text }, this.seq, same);
    }
    this.show(this.#outbox.state);
  }

  #showCount(text) {
    this.#count.hidden = text.length < NEAR;
    const over = text.length - LIMIT;
    const limit = over > 0 ? `${number(over)} de trop : raccourcissez, la suite n'est pas enregistrée.` : `sur ${number(LIMIT)}.`;
    this.#count.textContent = `${number(text.length)} caractères${over > 0 ? "," : ""} ${limit}`;
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
    const message = "Votre texte remplace celui-ci, écrit sur un autre appareil :";
    box.append(element("p", { textContent: message }), shown, again);
    this.#form.append(box);
    again.addEventListener("click", () => {
      box.remove();
      this.#richText.text = text;
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
    this.#savedText = text;
    this.#richText.text = text;
    this.show(this.#outbox.state);
  }

  close() {
    this.#richText.close();
  }

  show(name) {
    const here = this.#outbox.isStored ? "Sur cet appareil" : "Dans cette page seulement (ne la fermez pas)";
    const texts = {
      saved: "Enregistré",
      saving: "Enregistrement…",
      waiting: `${here}, en attente du réseau`,
      expired: `${here}. Votre connexion a expiré : reconnectez-vous pour l'enregistrer.`,
      other: `${here}. Une autre personne est connectée : ce texte attend votre connexion.`,
      refused: "Arrivé trop tard : ce texte n'est pas dans le dossier. Copiez-le s'il le faut.",
      denied: `${here}, non enregistré : ce dossier n'est plus le vôtre.`,
    };
    const typing = this.#pause || this.#richText.text !== this.#savedText;
    const rest = this.#refused ? "refused" : "saved";
    const state = typing ? "saving" : this.#isPending ? name : rest;
    const blank = state === "saved" && !this.#savedText;
    const text = blank || this.#richText.text.length > LIMIT ? "" : texts[state];
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

const number = (value) => value.toLocaleString("fr");
