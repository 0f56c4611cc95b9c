// What the server, the other devices and the device's own snapshot say of the fields, written where nothing of this page waits.
// Tells `events` that fields changed: "change".

import { isIncomplete } from "./field_values.js";

const EVERYTHING = "tout";

export class RemoteChanges {
  #values;
  #events;
  #base;
  #waiting;
  #isTypedIn;
  #seqs = new Map(); // rank of the last change seen, by subject: "criterion 12"
  #doubtful = false; // the page shows what the server did not take

  // `seq`: the rank of what the page shows. `waiting()` gives the subjects of the operations that wait; `isTypedIn(place)`: whether one
  // types there.
  constructor(values, events, { seq, waiting, isTypedIn }) {
    this.#values = values;
    this.#events = events;
    this.#base = seq;
    this.#waiting = waiting;
    this.#isTypedIn = isTypedIn;
  }

  // The rank up to which everything of the stream is on the page.
  get seq() {
    return this.#base;
  }

  // From what rank to ask for what changed: "tout" for every field.
  get since() {
    return this.#doubtful ? EVERYTHING : this.#base;
  }

  // The rank of the last change that the page shows.
  get rank() {
    return Math.max(this.#base, ...this.#seqs.values());
  }

  // The rank of the last change seen of a subject.
  rankOf(key) {
    return this.#seqs.get(key) ?? this.#base;
  }

  // Something was refused: the next news say everything, whatever the page shows.
  doubt() {
    this.#doubtful = true;
  }

  // A change of this rank was seen: of a field, or of the course of the interview.
  saw(key, rank) {
    this.#seqs.set(key, Math.max(this.#seqs.get(key) ?? 0, rank ?? 0));
  }

  // What the stream says, since `since`, of fields that changed elsewhere. What waits here, or is being typed, is laid over it;
  // what is chosen but not sent yet, for want of a reason, too: it is asked for again until it is.
  apply({ seq, fields, seqs }, since) {
    const waiting = this.#waiting();
    const skipped = new Set();
    let unsent = false;
    for (const [name, value] of Object.entries(fields)) {
      const place = this.#values.placeOfField(name);
      if (!place) continue;
      const { criterion, competence } = place.dataset;
      const key = subjectOf({ criterion, competence });
      if ((this.#seqs.get(key) ?? 0) > (seqs[key] ?? 0)) continue;
      const incomplete = isIncomplete(place);
      unsent ||= incomplete;
      if (incomplete || waiting.has(key) || this.#isTypedIn(place)) skipped.add(key);
      else this.#values.write(place, name, value);
    }
    for (const [key, rank] of Object.entries(seqs)) {
      // What was not shown has not been seen: the next change of it replaces it, and the server will say so.
      const known = this.rankOf(key);
      this.#seqs.set(key, skipped.has(key) ? known : Math.max(known, rank));
    }
    if (!unsent) this.#base = Math.max(this.#base, seq);
    if (since === EVERYTHING) this.#doubtful = false;
    if (Object.keys(fields).length) this.#changed();
  }

  // All that the device must know of the form to show it again without the network.
  snapshot() {
    return { seq: this.#base, fields: this.#values.read(), seqs: Object.fromEntries(this.#seqs) };
  }

  // Take up a snapshot that is newer than the page.
  takeUp({ seq, fields, seqs }) {
    const newest = Math.max(seq, ...Object.values(seqs));
    if (newest <= this.#base) return;
    this.#values.replaceAll(fields);
    for (const [key, rank] of Object.entries(seqs)) this.#seqs.set(key, rank);
    this.#base = seq; // perhaps lower than the page's: what it lacks is asked for again
    this.#changed();
  }

  #changed() {
    this.#events.dispatchEvent(new Event("change"));
  }
}

// What an operation is about, as the server names it.
export function subjectOf({ criterion, competence, activity }) {
  if (criterion) return `criterion ${criterion}`;
  if (competence) return `competence ${competence}`;
  return activity ? `activity ${activity}` : "";
}
