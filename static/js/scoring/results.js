// What the rule says of the sheet as it is on the page: by competence and for the bloc.

import { blocResult, competenceResult, outcomeText, proposalText } from "./rule.js";

export class Results {
  #form;
  #rule;

  // `rule`: the référentiel's parameters and `points`, the points of each level of the scale by its value (null: leaves the total).
  constructor(form, rule) {
    this.#form = form;
    this.#rule = rule;
  }

  // The competences in the page's order, each with its levels in points (null where there is none) and its verdict.
  competences() {
    return [...document.querySelectorAll("[data-competence]")].map((place) => {
      const pk = place.dataset.competence;
      const criteria = [...this.#form.querySelectorAll(`[data-criterion][data-of="${pk}"]`)];
      return {
        pk,
        levels: criteria.map((place) => this.#points(place)),
        verdict: place.querySelector(`input[name="verdict-${pk}"]:checked`)?.value || null,
      };
    });
  }

  #points(place) {
    const chosen = place.querySelector('input[name^="level-"]:checked');
    return chosen ? (this.#rule.points[chosen.value] ?? null) : null;
  }

  show() {
    const competences = this.competences();
    for (const { pk, levels, verdict } of competences) {
      const text = outcomeText(competenceResult(levels, this.#rule), verdict);
      for (const place of document.querySelectorAll(`[data-outcome="${pk}"]`)) {
        if (place.textContent !== text) place.textContent = text;
      }
    }
    const all = blocResult(
      competences.map(({ levels }) => levels),
      this.#rule,
      competences.map(({ verdict }) => verdict),
    );
    const divergent = this.#form.querySelector('input[name^="position-"]:checked') !== null;
    for (const place of document.querySelectorAll("[data-proposal]")) place.textContent = proposalText(all, divergent);
  }
}
