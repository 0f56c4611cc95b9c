"""What an outcome is called, on a screen as in a document."""

from evaluations.scoring.rules import Outcome

COMPETENCE_OUTCOMES = {
    Outcome.ACQUIRED: "acquise",
    Outcome.NOT_ACQUIRED: "non acquise",
    Outcome.UNDETERMINED: "indéterminée",
}
