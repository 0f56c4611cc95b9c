// What the rule says, computed on the device: as evaluations.scoring.rules, in whole numbers, by multiplication. Pure functions.
//
// parameters: the page's json_script "rule" (evaluations.sheets.form_rows.rule_data). Its `points` give the points
// of each level of the scale: levels here are points; null is *non abordé*, or not scored yet.

const OUTCOMES = { acquired: "acquise", not_acquired: "non acquise", undetermined: "indéterminée" };

const PROPOSALS = {
  acquired: "validé",
  not_acquired: "non validé",
  undetermined: "indéterminé",
  divergent: "divergent, le jury réexaminera",
};

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

// { outcome, points, possible, addressed, total } of one competence.
export function competenceResult(levels, parameters) {
  const scored = levels.filter((points) => points !== null);
  const total = levels.length;
  const addressed = scored.length;
  const points = sum(scored);
  const possible = addressed * parameters.full_points;
  let outcome;
  if (parameters.rule === "fixed_count") {
    const full = scored.filter((value) => value === parameters.full_points).length;
    outcome = outcomeByCount(full, total - addressed, parameters.required_criteria, total);
  } else if (addressed === 0 || addressed * 100 < parameters.minimum_addressed_percent * total) {
    outcome = "undetermined";
  } else {
    outcome = points * 100 >= parameters.competence_percent * possible ? "acquired" : "not_acquired";
  }
  return { outcome, points, possible, addressed, total };
}

// The same sums over the bloc, and `competences`: one result each, in the order given.
// verdicts: none at all, or one per competence, "" or null where the evaluators keep the proposal.
export function blocResult(competences, parameters, verdicts = []) {
  const results = competences.map((levels, rank) => {
    const result = competenceResult(levels, parameters);
    return verdicts[rank] ? { ...result, outcome: verdicts[rank] } : result;
  });
  const of = (name) => sum(results.map((result) => result[name]));
  const sums = { points: of("points"), possible: of("possible"), addressed: of("addressed"), total: of("total") };
  const outcomes = results.map((result) => result.outcome);
  const byPoints = parameters.rule === "bloc_points" && sums.addressed;
  const outcome = byPoints ? outcomeByPoints(sums, parameters) : blocOutcome(outcomes, sums.points, sums.possible, parameters);
  return { outcome, ...sums, competences: results };
}

// A bloc by its share of the points alone; something was addressed.
function outcomeByPoints({ points, possible, addressed, total }, parameters) {
  if (addressed * 100 < parameters.minimum_addressed_percent * total) return "undetermined";
  return points * 100 >= parameters.bloc_percent * possible ? "acquired" : "not_acquired";
}

function blocOutcome(outcomes, points, possible, parameters) {
  const count = (kind) => outcomes.filter((outcome) => outcome === kind).length;
  const acquired = count("acquired");
  const undetermined = count("undetermined");
  if (parameters.rule === "fixed_count") {
    return outcomeByCount(acquired, undetermined, parameters.required_competences, outcomes.length);
  }
  if (undetermined || !outcomes.length) return "undetermined";
  const byPoints = parameters.rule === "bloc_percent" && possible;
  const passed = byPoints ? points * 100 >= parameters.bloc_percent * possible : acquired === outcomes.length;
  return passed ? "acquired" : "not_acquired";
}

// What is reached, then what could still be, against what is required of a total; nothing proves nothing.
function outcomeByCount(reached, pending, required, total) {
  const needed = Math.min(required || total, total);
  if (total && reached >= needed) return "acquired";
  return reached + pending >= needed ? "undetermined" : "not_acquired";
}

// `acquise, 7 points sur 10`; `non acquise, avis des évaluateurs` where `verdict` is not "". As rows.outcome_text.
export function outcomeText(result, verdict) {
  if (verdict) return `${OUTCOMES[verdict]}, avis des évaluateurs`;
  if (!result.addressed) return "rien n'est encore noté";
  return `${OUTCOMES[result.outcome]}, ${result.points} ${result.points > 1 ? "points" : "point"} sur ${result.possible}`;
}

// What is proposed for the bloc, in words: as rows.PROPOSALS of results.proposal.
export function proposalText(result, divergent) {
  return PROPOSALS[divergent ? "divergent" : result.outcome];
}
