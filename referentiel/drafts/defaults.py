"""What a référentiel starts with when its branch has none to start from. Each is data that the branch may change."""

from collections.abc import Mapping, Sequence
from typing import Any

# Value, label, points (None leaves the total), reason asked for. Source: default scale, to be approved by the CPNEFP.
SCALE: Sequence[tuple[str, int | None, bool]] = (
    ("Non démontré", 0, False),
    ("Partiellement démontré", 1, False),
    ("Démontré", 2, False),
    ("Non abordé", None, True),
)
RULE_PARAMETERS: Mapping[str, int] = {"bloc_percent": 70, "competence_percent": 70, "minimum_addressed_percent": 60}
ACCESS_ROUTES: Mapping[str, str] = {
    "continuing_training": "Formation continue",
    "professionalisation_contract": "Contrat de professionnalisation",
    "apprenticeship": "Apprentissage",
    "vae": "VAE",
    "free_candidate": "Candidat libre",
}
INCOMPATIBILITIES: Mapping[str, str] = {
    "declared": "blocking",
    "same_employer": "blocking",
    "referent_trainer": "blocking",
    "same_training_centre": "warning",
}
RULE_NOTE = "Barème et seuils par défaut, à valider par la CPNEFP"
# A jury of both colleges, as the branches' agreements have it; to be approved by the CPNEFP.
JURY_RULES: Mapping[str, Any] = {
    "minimum_members": 2,
    "minimum_per_college": 1,
    "presidency": "alternating",
    "tie": "president",
}
