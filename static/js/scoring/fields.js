// The fields of a form of operations: each change becomes an operation; what comes from the outbox, from the device's snapshot or from
// another device is written back in them. Serves the scoring form, the agreement and the preparation notes.
//
// One event target for its three parts, the values, the notes being typed and what changes elsewhere: "change", "typing", "typed".

import { FieldValues, levelOf, showHint, showNeededNote } from "./field_values.js";
import { PendingNotes } from "./pending_notes.js";
import { RemoteChanges, subjectOf } from "./remote_changes.js";

export class Fields extends EventTarget {
  #add;
  #values;
  #notes;
  #early; // fields changed before this script was there, with their values then

  // `add(kind, payload, baseSeq)` sends; `pending()` gives the operations that wait.
  constructor(form, { add, pending }) {
    super();
    this.#add = add;
    this.#early = earlyChanges(form);
    this.#values = new FieldValues(form);
    this.#notes = new PendingNotes(form, this, (field) => this.#changed(field));
    this.remote = new RemoteChanges(this.#values, this, {
      seq: Number(form.dataset.seq),
      waiting: () => new Set(pending().map(({ payload }) => subjectOf(payload))),
      isTypedIn: (place) => this.#notes.isTypedIn(place),
    });
    this.addEventListener("change", () => form.dispatchEvent(new Event("filled")));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", ({ target }) => target.type === "radio" && this.#changed(target));
    form.addEventListener("click", ({ target }) => target.closest("[data-clear]") && this.#clear(target));
  }

  // --- From a field to an operation

  flushTexts() {
    this.#notes.flushAll();
  }

  // Once the page shows all that was done before: what was touched while this script was still on its way counts too.
  sendEarly() {
    const early = this.#early;
    this.#early = [];
    for (const [field, value] of early) {
      if (field.type === "radio") field.checked = true;
      else field.value = value;
      this.#changed(field);
    }
  }

  #send(kind, payload) {
    this.#add(kind, payload, this.remote.rankOf(subjectOf(payload)));
    this.dispatchEvent(new Event("change"));
  }

  #changed(field) {
    const [name, pk] = field.name.split("-");
    const number = Number(pk);
    if (name === "level") this.#levelChosen(field, number);
    else if (name === "note" || name === "criterion") this.#send("note", { criterion: number, text: field.value });
    else if (name === "activity") this.#send("note", { activity: number, text: field.value });
    else if (name === "verdict" || name === "comment") this.#verdict(field.closest("[data-competence]"), number);
    else this.#divergence(field.closest("[data-criterion]"), number);
  }

  #levelChosen(radio, criterion) {
    const place = radio.closest("[data-criterion]");
    const divergence = place.querySelector("[data-divergence]");
    if (divergence) {
      for (const other of divergence.querySelectorAll("input:checked")) other.checked = false;
      divergence.querySelector("textarea").value = "";
      divergence.open = false;
      showHint(divergence, "");
    }
    showNeededNote(place);
    this.#send("score", { criterion, level: Number(radio.value) });
  }

  #clear(target) {
    const place = target.closest("[data-criterion]");
    const criterion = Number(place.dataset.criterion);
    const chosen = levelOf(place);
    if (!chosen) return;
    chosen.checked = false;
    showNeededNote(place);
    this.#send("score", { criterion, level: null });
    place.querySelector(`input[name="level-${criterion}"]`).focus({ preventScroll: true });
  }

  #verdict(place, competence) {
    const outcome = place.querySelector("input:checked").value;
    const comment = place.querySelector("textarea").value;
    if (outcome && !comment.trim()) return showHint(place, "Écrivez le commentaire : l'avis sera enregistré avec lui.");
    if (!outcome && comment.trim() && place.contains(document.activeElement) && document.activeElement.matches("textarea"))
      return showHint(place, "Choisissez un avis : le commentaire sera enregistré avec lui.");
    showHint(place, "");
    this.#send("verdict", { competence, outcome, comment: outcome ? comment : "" });
  }

  #divergence(place, criterion) {
    const box = place.querySelector("[data-divergence]");
    const chosen = box.querySelector("input:checked");
    const reason = box.querySelector("textarea").value;
    if (!chosen) return showHint(box, "Choisissez votre niveau : il sera enregistré avec votre raison.");
    if (!reason.trim()) return showHint(box, "Écrivez votre raison : le jury la lira.");
    showHint(box, "");
    const level = levelOf(place);
    if (level) level.checked = false;
    showNeededNote(place);
    this.#send("diverge", { criterion, level: Number(chosen.value), reason });
  }

  // --- From the outbox to the fields

  answered({ operation, answer }) {
    const place = this.#values.placeOf(operation.payload);
    if (!place) return;
    if (answer.status === "refused") {
      showWarning(place, `Non pris en compte : ${contentText(place, operation.payload)}. ${answer.refusal}`);
      this.remote.doubt();
      return;
    }
    this.remote.saw(subjectOf(operation.payload), answer.seq);
    if (answer.replaced) {
      const text = `Valeur remplacée, saisie sur un autre appareil : ${contentText(place, answer.replaced)}.`;
      showWarning(place, text, "Rétablir", () => this.#takeBack(place, answer.replaced));
    }
  }

  #takeBack(place, replaced) {
    const kind = "text" in replaced ? "note" : "score";
    this.#values.fill(place, kind, replaced);
    this.#send(kind, replaced);
  }

  // Show what was done before the page was reloaded, and is still to be sent.
  restore({ kind, payload }) {
    const place = this.#values.placeOf(payload);
    if (place) this.#values.fill(place, kind, payload);
    this.dispatchEvent(new Event("change"));
  }
}

function earlyChanges(form) {
  return [...form.querySelectorAll("textarea, input[type=radio]:checked")]
    .filter((field) => (field.type === "radio" ? !field.defaultChecked : field.value !== field.defaultValue))
    .map((field) => [field, field.value]);
}

// What an operation holds, for people to read.
function contentText(place, payload) {
  const parts = [];
  if ("level" in payload) {
    const label = place.querySelector(`input[value="${payload.level}"] + label > span`);
    const text = [...(label?.childNodes ?? [])].filter((node) => node.nodeType === Node.TEXT_NODE);
    parts.push(text.map((node) => node.textContent).join("").trim() || "aucun niveau");
  }
  for (const name of ["text", "comment", "reason"]) if (payload[name]) parts.push(`« ${payload[name]} »`);
  return parts.join(", ") || "note vide";
}

function showWarning(place, text, label, action) {
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
  place.querySelector("[data-message]").append(box);
}
