// The fields of a form of operations: each change becomes an operation; what comes from the outbox, from the device's snapshot or from
// another device is written back in them. Serves the scoring form, the agreement and the preparation notes.

const NOTE_DELAY = 600;
const EVERYTHING = "tout";

export class Fields extends EventTarget {
  #form;
  #add;
  #pending;
  #base;
  #seqs = new Map(); // rank of the last change seen, by subject: "criterion 12"
  #timers = new Map(); // notes being typed, by their field
  #early; // fields changed before this script was there, with what they then held
  #doubtful = false; // the page shows what the server did not take

  // `add(kind, payload, baseSeq)` sends; `pending()` gives the operations that wait.
  constructor(form, { add, pending }) {
    super();
    this.#form = form;
    this.#add = add;
    this.#pending = pending;
    this.#base = Number(form.dataset.seq);
    this.#early = [...form.querySelectorAll("textarea, input[type=radio]:checked")]
      .filter((field) => (field.type === "radio" ? !field.defaultChecked : field.value !== field.defaultValue))
      .map((field) => [field, field.value]);
    for (const place of form.querySelectorAll("[data-criterion]")) this.#wantNote(place);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", ({ target }) => target.type === "radio" && this.#changed(target));
    form.addEventListener("input", ({ target }) => target.matches("textarea") && this.#typed(target));
    form.addEventListener("focusout", ({ target }) => this.#flushText(target));
    form.addEventListener("click", ({ target }) => target.closest("[data-clear]") && this.#clear(target));
    window.addEventListener("pagehide", () => this.flushTexts());
  }

  // The rank up to which everything of the stream is on the page.
  get seq() {
    return this.#base;
  }

  // From what rank to ask for what changed: "tout" for every field.
  get since() {
    return this.#doubtful ? EVERYTHING : this.#base;
  }

  // Something was refused: the next news say everything, whatever the page shows.
  doubt() {
    this.#doubtful = true;
  }

  // --- From a field to an operation

  #send(kind, payload) {
    this.#add(kind, payload, this.#seqs.get(subject(payload)) ?? this.#base);
    this.#changedNow();
  }

  #changedNow() {
    this.dispatchEvent(new Event("change"));
    this.#form.dispatchEvent(new Event("filled"));
  }

  // Once the page shows all that was done before: what was touched while this script was still on its way counts too.
  sendEarly() {
    for (const [field, value] of this.#early) {
      if (field.type === "radio") field.checked = true;
      else field.value = value;
      this.#changed(field);
    }
  }

  #typed(field) {
    this.dispatchEvent(new Event("typing"));
    clearTimeout(this.#timers.get(field));
    this.#timers.set(field, setTimeout(() => this.#flushText(field), NOTE_DELAY));
  }

  #flushText(field) {
    if (!this.#timers.has(field)) return;
    clearTimeout(this.#timers.get(field));
    this.#timers.delete(field);
    this.#changed(field);
    this.dispatchEvent(new Event("typed"));
  }

  flushTexts() {
    for (const field of [...this.#timers.keys()]) this.#flushText(field);
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
      hint(divergence, "");
    }
    this.#wantNote(place);
    this.#send("score", { criterion, level: Number(radio.value) });
  }

  #clear(target) {
    const place = target.closest("[data-criterion]");
    const criterion = Number(place.dataset.criterion);
    const chosen = place.querySelector(`input[name="level-${criterion}"]:checked`);
    if (!chosen) return;
    chosen.checked = false;
    this.#wantNote(place);
    this.#send("score", { criterion, level: null });
    place.querySelector(`input[name="level-${criterion}"]`).focus({ preventScroll: true });
  }

  #wantNote(place) {
    const details = place.querySelector("details.note");
    if (!details) return;
    const wanted = place.querySelector('input[name^="level-"]:checked')?.hasAttribute("data-needs-note") ?? false;
    details.querySelector("summary").textContent = wanted ? "Note (ce niveau en demande une)" : "Note";
    if (wanted) details.open = true;
    const clear = place.querySelector("[data-clear]");
    if (clear) clear.hidden = !place.querySelector('input[name^="level-"]:checked');
  }

  #verdict(place, competence) {
    const outcome = place.querySelector("input:checked").value;
    const comment = place.querySelector("textarea").value;
    if (outcome && !comment.trim()) return hint(place, "Écrivez le commentaire : l'avis sera enregistré avec lui.");
    if (!outcome && comment.trim() && place.contains(document.activeElement) && document.activeElement.matches("textarea"))
      return hint(place, "Choisissez un avis : le commentaire sera enregistré avec lui.");
    hint(place, "");
    this.#send("verdict", { competence, outcome, comment: outcome ? comment : "" });
  }

  #divergence(place, criterion) {
    const box = place.querySelector("[data-divergence]");
    const chosen = box.querySelector("input:checked");
    const reason = box.querySelector("textarea").value;
    if (!chosen) return hint(box, "Choisissez votre niveau : il sera enregistré avec votre raison.");
    if (!reason.trim()) return hint(box, "Écrivez votre raison : le jury la lira.");
    hint(box, "");
    for (const radio of place.querySelectorAll(`input[name="level-${criterion}"]:checked`)) radio.checked = false;
    this.#wantNote(place);
    this.#send("diverge", { criterion, level: Number(chosen.value), reason });
  }

  // --- From the outbox and the other devices to the fields

  // The rank of the last change of something that is no field: the course of the interview.
  saw(key, rank) {
    this.#seqs.set(key, Math.max(this.#seqs.get(key) ?? 0, rank ?? 0));
  }

  // The rank of the last change that the page shows.
  get rank() {
    return Math.max(this.#base, ...this.#seqs.values());
  }

  answered({ operation, answer }) {
    const place = this.#place(operation.payload);
    if (!place) return;
    if (answer.status === "refused") {
      say(place, `Non pris en compte : ${content(place, operation.payload)}. ${answer.refusal}`);
      this.doubt();
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
    this.#send(kind, replaced);
  }

  // Show what was done before the page was reloaded, and is still to be sent.
  restore({ kind, payload }) {
    const place = this.#place(payload);
    if (place) this.#fill(place, kind, payload);
    this.#changedNow();
  }

  // What the stream says, since `since`, of fields that changed elsewhere. What waits here, or is being typed, is laid over it;
  // what is chosen but not sent yet, for want of a reason, too: it is asked for again until it is.
  apply({ seq, fields, seqs }, since) {
    const waiting = new Set(this.#pending().map(({ payload }) => subject(payload)));
    const skipped = new Set();
    let unsent = false;
    for (const [name, value] of Object.entries(fields)) {
      const field = this.#form.elements[name];
      const place = (field?.[0] ?? field)?.closest?.("[data-criterion], [data-competence]");
      if (!place) continue;
      const key = place.dataset.criterion ? `criterion ${place.dataset.criterion}` : `competence ${place.dataset.competence}`;
      if ((this.#seqs.get(key) ?? 0) > (seqs[key] ?? 0)) continue;
      const half = place.querySelector("[data-hint]:not([hidden])") !== null;
      unsent ||= half;
      if (half || waiting.has(key) || [...this.#timers.keys()].some((typed) => place.contains(typed))) skipped.add(key);
      else this.#write(place, name, value);
    }
    for (const [key, rank] of Object.entries(seqs)) {
      // What was not shown has not been seen: the next change of it replaces it, and the server will say so.
      const seen = this.#seqs.get(key) ?? this.#base;
      this.#seqs.set(key, skipped.has(key) ? seen : Math.max(seen, rank));
    }
    if (!unsent) this.#base = Math.max(this.#base, seq);
    if (since === EVERYTHING) this.#doubtful = false;
    if (Object.keys(fields).length) this.#changedNow();
  }

  // All that the device must know of the form to show it again without the network.
  snapshot() {
    const fields = {};
    for (const field of this.#form.querySelectorAll("input:checked, textarea")) fields[field.name] = field.value;
    return { seq: this.#base, fields, seqs: Object.fromEntries(this.#seqs) };
  }

  // Take up a snapshot that is newer than the page.
  takeUp({ seq, fields, seqs }) {
    const newest = Math.max(seq, ...Object.values(seqs));
    if (newest <= this.#base) return;
    for (const field of this.#form.querySelectorAll("input[type=radio], textarea")) {
      if (field.type === "radio") field.checked = fields[field.name] === field.value;
      else field.value = fields[field.name] ?? "";
      if (field.type !== "radio" && field.value) field.closest("details")?.setAttribute("open", "");
    }
    for (const place of this.#form.querySelectorAll("[data-criterion]")) this.#wantNote(place);
    for (const [key, rank] of Object.entries(seqs)) this.#seqs.set(key, rank);
    this.#base = seq; // perhaps lower than the page's: what it lacks is asked for again
    this.#changedNow();
  }

  #write(place, name, value) {
    const fields = place.querySelectorAll(`[name="${name}"]`);
    for (const field of fields) {
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
    const details = fields[0]?.closest("details");
    if (details && value && fields[0].matches("textarea")) details.open = true;
    if (name.startsWith("level-")) this.#wantNote(place);
  }

  #fill(place, kind, payload) {
    const pk = payload.criterion ?? payload.competence ?? payload.activity;
    const write = (name, value) => this.#write(place, `${name}-${pk}`, String(value ?? ""));
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

  #place({ criterion, competence, activity }) {
    if (criterion) return this.#form.querySelector(`[data-criterion="${criterion}"]`);
    if (competence) return this.#form.querySelector(`[data-competence="${competence}"]`);
    if (activity) return this.#form.querySelector(`[data-activity="${activity}"]`)?.closest("section");
    return null;
  }
}

const subject = ({ criterion, competence, activity }) => {
  if (criterion) return `criterion ${criterion}`;
  if (competence) return `competence ${competence}`;
  return activity ? `activity ${activity}` : "";
};

function content(place, payload) {
  const words = [];
  if ("level" in payload) {
    const label = place.querySelector(`input[value="${payload.level}"] + label > span`);
    const text = [...(label?.childNodes ?? [])].filter((node) => node.nodeType === Node.TEXT_NODE);
    words.push(text.map((node) => node.textContent).join("").trim() || "aucun niveau");
  }
  for (const name of ["text", "comment", "reason"]) if (payload[name]) words.push(`« ${payload[name]} »`);
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
