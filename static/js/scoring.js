// The evaluator's touches: each change of a field becomes an operation, and its answer is shown where it was made.
// Serves the scoring form, the agreement and the preparation notes: whatever fields the page has.

import { Clock } from "./clock.js";
import { LocalStore, Outbox } from "./operations.js";
import { listenToKeys } from "./keys.js";

const NOTE_DELAY = 600;

function start(form) {
  const { stream, user, person, results } = form.dataset;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const store = new LocalStore(user, stream);
  const outbox = new Outbox({ url: stream, user, personUrl: person, token, store });
  const page = new Page(form, outbox);

  outbox.addEventListener("state", ({ detail }) => page.showState(detail));
  outbox.addEventListener("answer", ({ detail }) => page.showAnswer(detail));
  for (const operation of outbox.start()) page.restore(operation);
  page.showState({ name: outbox.pending ? "saving" : "saved", pending: outbox.pending });
  page.showCount();
  if (results) refreshResults(outbox, results);

  const clock = document.querySelector("[data-clock]");
  if (clock) {
    const shown = new Clock(clock, JSON.parse(document.getElementById("shares").textContent));
    outbox.addEventListener("time", ({ detail }) => shown.sync(detail));
  }
  listenToKeys(form, () => page.flushTexts());
}

// What the rule says is the server's to say: asked for when everything is saved.
function refreshResults(outbox, url) {
  let timer = 0;
  outbox.addEventListener("state", ({ detail }) => {
    clearTimeout(timer);
    if (detail.name === "saved") timer = setTimeout(ask, 500);
  });
  async function ask() {
    try {
      const response = await fetch(url, { redirect: "error" });
      if (!response.ok) return;
      const { competences, proposal } = await response.json();
      for (const [pk, text] of Object.entries(competences)) {
        for (const element of document.querySelectorAll(`[data-outcome="${pk}"]`)) element.textContent = text;
      }
      document.querySelector("[data-proposal]").textContent = proposal;
    } catch {
      // Asked again after the next save.
    }
  }
}

class Page {
  #form;
  #outbox;
  #base;
  #seqs = new Map(); // rank of the last change seen, by subject: "criterion 12"
  #timers = new Map(); // notes being typed, by their field

  constructor(form, outbox) {
    this.#form = form;
    this.#outbox = outbox;
    this.#base = Number(form.dataset.seq);
    for (const element of document.querySelectorAll("[data-plain]")) element.hidden = true;
    for (const element of document.querySelectorAll("[data-keys]")) element.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", ({ target }) => target.type === "radio" && this.#changed(target));
    form.addEventListener("input", ({ target }) => target.matches("textarea") && this.#typed(target));
    form.addEventListener("focusout", ({ target }) => this.#flushText(target));
    document.addEventListener("click", (event) => this.#leave(event));
    window.addEventListener("pagehide", () => this.flushTexts());
    window.addEventListener("beforeunload", (event) => {
      this.flushTexts();
      if (this.#outbox.pending) event.preventDefault();
    });
  }

  // --- From a field to an operation

  #add(kind, payload) {
    this.#outbox.add(kind, payload, this.#seqs.get(subject(payload)) ?? this.#base);
    this.showCount();
  }

  #typed(field) {
    clearTimeout(this.#timers.get(field));
    this.#timers.set(field, setTimeout(() => this.#flushText(field), NOTE_DELAY));
  }

  #flushText(field) {
    if (!this.#timers.has(field)) return;
    clearTimeout(this.#timers.get(field));
    this.#timers.delete(field);
    this.#changed(field);
  }

  flushTexts() {
    for (const field of [...this.#timers.keys()]) this.#flushText(field);
  }

  #changed(field) {
    const [name, pk] = field.name.split("-");
    const number = Number(pk);
    if (name === "level") this.#levelChosen(field, number);
    else if (name === "note") this.#add("note", { criterion: number, text: field.value });
    else if (name === "activity") this.#add("note", { activity: number, text: field.value });
    else if (name === "verdict" || name === "comment") this.#verdict(field.closest("[data-competence]"), number);
    else this.#divergence(field.closest("[data-criterion]"), number);
  }

  #levelChosen(radio, criterion) {
    const place = radio.closest("[data-criterion]");
    this.#add("score", { criterion, level: Number(radio.value) });
    this.#wantNote(place, radio);
    const divergence = place.querySelector("[data-divergence]");
    if (divergence) {
      for (const other of divergence.querySelectorAll("input:checked")) other.checked = false;
      divergence.querySelector("textarea").value = "";
      divergence.open = false;
      this.showCount();
    }
  }

  #wantNote(place, radio) {
    const details = place.querySelector("details.note");
    const wanted = radio.hasAttribute("data-needs-note");
    details.querySelector("summary").textContent = wanted ? "Note (ce niveau en demande une)" : "Note";
    if (wanted) details.open = true;
  }

  #verdict(place, competence) {
    const outcome = place.querySelector("input:checked").value;
    const comment = place.querySelector("textarea").value;
    if (outcome && !comment.trim()) return hint(place, "Écrivez le commentaire : l'avis sera enregistré avec lui.");
    if (!outcome && comment.trim() && place.contains(document.activeElement) && document.activeElement.matches("textarea"))
      return hint(place, "Choisissez un avis : le commentaire sera enregistré avec lui.");
    hint(place, "");
    this.#add("verdict", { competence, outcome, comment: outcome ? comment : "" });
  }

  #divergence(place, criterion) {
    const box = place.querySelector("[data-divergence]");
    const chosen = box.querySelector("input:checked");
    const reason = box.querySelector("textarea").value;
    if (!chosen) return hint(box, "Choisissez votre niveau : il sera enregistré avec votre raison.");
    if (!reason.trim()) return hint(box, "Écrivez votre raison : le jury la lira.");
    hint(box, "");
    for (const radio of place.querySelectorAll(`input[name="level-${criterion}"]:checked`)) radio.checked = false;
    this.#add("diverge", { criterion, level: Number(chosen.value), reason });
  }

  // --- From the outbox to the page

  showState({ name, pending, message }) {
    const count = `${pending} ${pending > 1 ? "saisies" : "saisie"}`;
    const words = {
      saved: "Tout est enregistré",
      saving: "Enregistrement…",
      waiting: `${count} en attente du réseau`,
      expired: "Connexion expirée : reconnectez-vous, rien n'est perdu",
      other: `Une autre personne est connectée : ${count} à vous, en attente de votre connexion`,
      denied: `${message} ${count} sur cet appareil, non prise${pending > 1 ? "s" : ""} en compte.`,
    };
    const status = document.querySelector("[data-saving]");
    if (status.textContent !== words[name]) status.textContent = words[name];
    status.dataset.saving = name;
    document.querySelector("[data-login]").hidden = name !== "expired" && name !== "other";
  }

  showAnswer({ operation, answer }) {
    const place = this.#place(operation.payload);
    if (!place) return;
    if (answer.status === "refused") {
      say(place, `Non pris en compte : ${content(place, operation.payload)}. ${answer.refusal}`);
      return;
    }
    const key = subject(operation.payload);
    this.#seqs.set(key, Math.max(this.#seqs.get(key) ?? 0, answer.seq));
    if (answer.replaced) {
      const text = `Valeur remplacée, saisie sur un autre appareil : ${content(place, answer.replaced)}.`;
      say(place, text, "Rétablir", () => this.#takeBack(place, answer.replaced));
    }
  }

  #takeBack(place, replaced) {
    const kind = "text" in replaced ? "note" : "score";
    this.#fill(place, kind, replaced);
    this.#add(kind, replaced);
  }

  // Show what was typed before the page was reloaded, and is still to be sent.
  restore({ kind, payload }) {
    const place = this.#place(payload);
    if (place) this.#fill(place, kind, payload);
  }

  #fill(place, kind, payload) {
    const pick = (name, value) => {
      for (const radio of place.querySelectorAll(`input[name="${name}"]`)) radio.checked = radio.value === String(value ?? "");
    };
    const write = (name, value) => {
      const field = place.querySelector(`textarea[name="${name}"]`);
      field.value = value;
      const details = field.closest("details");
      if (details && value) details.open = true;
    };
    const pk = payload.criterion ?? payload.competence ?? payload.activity;
    if (kind === "score") pick(`level-${pk}`, payload.level);
    else if (kind === "note") write(payload.activity ? `activity-${pk}` : `note-${pk}`, payload.text);
    else if (kind === "verdict") {
      pick(`verdict-${pk}`, payload.outcome);
      write(`comment-${pk}`, payload.comment);
    } else {
      pick(`level-${pk}`, null);
      pick(`position-${pk}`, payload.level);
      write(`reason-${pk}`, payload.reason);
    }
  }

  #place({ criterion, competence, activity }) {
    if (criterion) return this.#form.querySelector(`[data-criterion="${criterion}"]`);
    if (competence) return this.#form.querySelector(`[data-competence="${competence}"]`);
    return this.#form.querySelector(`[data-activity="${activity}"]`)?.closest("section");
  }

  showCount() {
    const shown = document.querySelector("[data-count]");
    if (!shown) return;
    const within = document.querySelector("[data-counted]") ?? (document.querySelector(".agreement") ? null : this.#form);
    if (!within) return;
    shown.textContent = [...within.querySelectorAll("[data-criterion]")].filter(
      (place) => place.querySelector('input[name^="level-"]:checked, input[name^="position-"]:checked'),
    ).length;
  }

  // A link or a button that leaves the page first lets everything be sent.
  async #leave(event) {
    const control = event.target.closest("[data-leave]");
    if (!control) return;
    event.preventDefault();
    this.flushTexts();
    if (!(await this.#outbox.flush())) return;
    if (control.href) window.location.assign(control.href);
    else control.form.submit();
  }
}

const subject = ({ criterion, competence, activity }) =>
  criterion ? `criterion ${criterion}` : competence ? `competence ${competence}` : `activity ${activity}`;

function content(place, payload) {
  const words = [];
  if ("level" in payload) {
    const label = place.querySelector(`input[value="${payload.level}"] + label > span`);
    const text = [...(label?.childNodes ?? [])].filter((node) => node.nodeType === Node.TEXT_NODE);
    words.push(text.map((node) => node.textContent).join("").trim() || "aucun niveau");
  }
  for (const name of ["text", "comment", "reason"]) if (payload[name]) words.push(`« ${payload[name]} »`);
  return words.join(", ") || "note vide";
}

function hint(place, text) {
  const element = place.querySelector("[data-hint]");
  element.textContent = text;
  element.hidden = !text;
}

function say(place, text, label, action) {
  const box = document.createElement("div");
  box.className = "alert alert-warning";
  box.setAttribute("role", "alert");
  box.append(text);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-primary ms-2";
    button.textContent = label;
    button.addEventListener("click", () => {
      box.remove();
      action();
    });
    box.append(" ", button);
  }
  place.querySelector("[data-said]").append(box);
}

start(document.querySelector("form[data-stream]"));
