// The values of a form's fields, and what goes with them on the page: the note that a level demands, what is incomplete.

export class FieldValues {
  #form;

  constructor(form) {
    this.#form = form;
    this.#showNeededNotes();
  }

  // Where the subject of an operation is on the page.
  placeOf({ criterion, competence, activity }) {
    if (criterion) return this.#form.querySelector(`[data-criterion="${criterion}"]`);
    if (competence) return this.#form.querySelector(`[data-competence="${competence}"]`);
    if (activity) return this.#form.querySelector(`[data-activity="${activity}"]`)?.closest("section");
    return null;
  }

  placeOfField(name) {
    const field = this.#form.elements[name];
    return (field?.[0] ?? field)?.closest?.("[data-criterion], [data-competence]") ?? null;
  }

  read() {
    const values = {};
    for (const field of this.#form.querySelectorAll("input:checked, textarea")) values[field.name] = field.value;
    return values;
  }

  replaceAll(values) {
    for (const field of this.#form.querySelectorAll("input[type=radio], textarea")) {
      if (field.type === "radio") field.checked = values[field.name] === field.value;
      else field.value = values[field.name] ?? "";
      if (field.type !== "radio" && field.value) field.closest("details")?.setAttribute("open", "");
    }
    this.#showNeededNotes();
  }

  write(place, name, value) {
    const fields = place.querySelectorAll(`[name="${name}"]`);
    for (const field of fields) {
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
    const details = fields[0]?.closest("details");
    if (details && value && fields[0].matches("textarea")) details.open = true;
    if (name.startsWith("level-")) showNeededNote(place);
  }

  // Write what an operation holds.
  fill(place, kind, payload) {
    const pk = payload.criterion ?? payload.competence ?? payload.activity;
    const write = (name, value) => this.write(place, `${name}-${pk}`, String(value ?? ""));
    if (kind === "score") write("level", payload.level);
    else if (kind === "note" && payload.activity) write("activity", payload.text);
    else if (kind === "note") write(place.querySelector(`[name="criterion-${pk}"]`) ? "criterion" : "note", payload.text);
    else if (kind === "verdict") {
      write("verdict", payload.outcome);
      write("comment", payload.comment);
    } else {
      write("level", null);
      write("position", payload.level);
      write("reason", payload.reason);
    }
  }

  #showNeededNotes() {
    for (const place of this.#form.querySelectorAll("[data-criterion]")) showNeededNote(place);
  }
}

export const levelOf = (place) => place.querySelector('input[name^="level-"]:checked');

export function showNeededNote(place) {
  const details = place.querySelector("details.note");
  if (!details) return;
  const level = levelOf(place);
  const needsNote = level?.hasAttribute("data-needs-note") ?? false;
  details.querySelector("summary").textContent = needsNote ? "Note (ce niveau en demande une)" : "Note";
  if (needsNote) details.open = true;
  const clear = place.querySelector("[data-clear]");
  if (clear) clear.hidden = !level;
}

// Say what is missing to what was chosen or typed, which is not sent without it.
export function showHint(place, text) {
  const element = place.querySelector("[data-hint]");
  element.textContent = text;
  element.hidden = !text;
}

export const isIncomplete = (place) => place.querySelector("[data-hint]:not([hidden])") !== null;
