// The agreement: how far it is, whose reason a divergence lacks, the results that change without a word on why. The server
// says the same of what is saved (evaluations.sheets.agreement, evaluations.sheets.views.joint).

import { competenceResult } from "./rule.js";

export class Agreement {
  #form;
  #results;
  #rule;

  constructor(form, results, rule) {
    this.#form = form;
    this.#results = results;
    this.#rule = rule;
    form.addEventListener("change", ({ target }) => target.name.startsWith("level-") && settle(target));
    form.addEventListener("click", ({ target }) => target.closest("[data-take]") && take(target.closest("[data-take]")));
    const network = () => document.body.toggleAttribute("data-offline", !navigator.onLine);
    for (const name of ["online", "offline"]) window.addEventListener(name, network);
    network();
  }

  show() {
    for (const place of this.#form.querySelectorAll("[data-criterion]")) showPositions(place);
    const changed = this.#results.competences().filter((competence) => this.#unexplained(competence));
    for (const place of this.#form.querySelectorAll("[data-explain]")) {
      place.hidden = !changed.some(({ pk }) => pk === place.dataset.explain);
    }
    this.#showProgress(changed);
  }

  #showProgress(changed) {
    const state = document.querySelector("[data-agreement]");
    if (!state) return;
    const places = [...this.#form.querySelectorAll("[data-different] [data-criterion]")];
    const settled = places.filter(isSettled).length;
    const shown = document.querySelector("[data-count]");
    if (shown) shown.textContent = settled;
    const left = places.length - settled;
    const codes = changed.map(({ pk }) => this.#competence(pk).dataset.code).join(", ");
    let text = "Tout est réglé : relisez la fiche, puis signez.";
    if (left) text = `Il reste ${left} critère${left > 1 ? "s" : ""} à régler.`;
    else if (codes) text = `Il reste à écrire pourquoi le résultat change : ${codes}.`;
    if (state.textContent !== text) state.textContent = text;
    state.dataset.done = left || codes ? "no" : "yes";
  }

  #competence(pk) {
    return this.#form.querySelector(`[data-competence="${pk}"]`);
  }

  // As evaluations.sheets.agreement.unexplained.
  #unexplained({ pk, levels, verdict }) {
    const ownOutcomes = this.#competence(pk).dataset.ownOutcomes?.split(" ");
    const places = [...this.#form.querySelectorAll(`[data-criterion][data-of="${pk}"]`)];
    if (!ownOutcomes || verdict || places.some((place) => !level(place) || isDivergent(place))) return false;
    const { outcome } = competenceResult(levels, this.#rule);
    if (ownOutcomes.every((own) => own === outcome)) return false;
    const settled = places.filter((place) => level(place).value !== place.dataset.shared);
    return !(settled.length ? settled : places).some((place) => !["", place.dataset.sharedNote].includes(note(place)));
  }
}

const level = (place) => place.querySelector('input[name^="level-"]:checked');
const note = (place) => place.querySelector('textarea[name^="note-"]').value.trim();
const mine = (place) => place.querySelector('input[name^="position-"]:checked');
const theirs = (place) => [...place.querySelectorAll("output[data-who]")];
const isDivergent = (place) => Boolean(mine(place)) || theirs(place).some((output) => output.value);

function awaited(place) {
  const own = mine(place) && place.querySelector('textarea[name^="reason-"]').value.trim();
  const others = theirs(place).filter((output) => !output.value);
  return [...(own ? [] : ["vous"]), ...others.map((output) => output.dataset.who)];
}

function isSettled(place) {
  if (isDivergent(place)) return awaited(place).length === 0;
  const chosen = level(place);
  return Boolean(chosen) && (!chosen.hasAttribute("data-needs-note") || note(place) !== "");
}

function showPositions(place) {
  for (const output of theirs(place)) {
    // What the other says is not left folded away.
    if (output.value && output.parentElement.hidden) output.closest("details").open = true;
    output.parentElement.hidden = !output.value;
  }
  const waiting = place.querySelector("[data-waiting]");
  waiting.hidden = !isDivergent(place) || awaited(place).length === 0;
  if (!waiting.hidden) waiting.textContent = `Raison attendue de : ${awaited(place).join(", ")}.`;
}

// A level chosen after all settles the divergence, and what was to be looked at again.
function settle(radio) {
  const place = radio.closest("[data-criterion]");
  for (const output of theirs(place)) output.value = "";
  place.querySelector("[data-again]")?.remove();
}

// The common note becomes what one of the evaluators wrote, under what it already says.
function take(button) {
  const details = button.closest("[data-criterion]").querySelector("details.note");
  const field = details.querySelector("textarea");
  const text = button.closest(".opinion").querySelector("[data-note]").innerText.trim();
  field.value = field.value.trim() ? `${field.value.trim()}\n${text}` : text;
  details.open = true;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
