"""The measures that a candidate may ask for: what is arranged, never why."""

from collections.abc import Iterable

MEASURES = {
    "extra_time": "Du temps supplémentaire à chaque entretien",
    "break": "Une pause prévue pendant l'entretien",
    "assistant": "L'aide d'une personne : lecture, écriture, interprète",
    "access": "Une salle ou un équipement accessible",
    "other": "Une autre mesure",
}


def measure_labels(codes: Iterable[str]) -> list[str]:
    """Return the labels of measures, in the order of the list."""
    chosen = set(codes)
    return [label for code, label in MEASURES.items() if code in chosen]
