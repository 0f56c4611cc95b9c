"""What a référentiel, or a session, asks of its jury: data, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

EMPLOYERS, EMPLOYEES = "employers", "employees"
COLLEGES = {EMPLOYERS: "employeurs", EMPLOYEES: "salariés"}
OTHER_COLLEGE = {EMPLOYERS: EMPLOYEES, EMPLOYEES: EMPLOYERS}
ACQUIRED, NOT_ACQUIRED, ADJOURNED = "acquired", "not_acquired", "adjourned"

PRESIDENCIES = {
    "free": "le jury désigne qui il veut",
    EMPLOYERS: "le collège des employeurs",
    EMPLOYEES: "le collège des salariés",
    "alternating": "chaque collège à son tour, d'une session à l'autre",
}
TIES = {
    "president": "la voix du président l'emporte",
    NOT_ACQUIRED: "le bloc n'est pas acquis",
    ADJOURNED: "le bloc est ajourné",
}


@dataclass(frozen=True)
class JuryRules:
    """What a référentiel or a session asks of its jury. A rule that neither gives asks for nothing."""

    minimum_members: int = 1
    minimum_per_college: int = 0
    # 0: the majority is of the members present; else of those present or represented.
    proxies_per_member: int = 0
    presidency: str = "free"
    tie: str = "president"
    # Before publication.
    final_approval: bool = False
    signed_minutes: bool = False
    # Days, from publication on.
    appeal_days: int = 60
    # Delays that a branch announces to a candidate by VAE, in days: deposit to jury, jury to answer.
    vae_jury_days: int = 90
    vae_answer_days: int = 15

    @classmethod
    def of(cls, *layers: Mapping[str, Any]) -> "JuryRules":
        """Return the rules of these layers, the last one first heard. What is not a rule is left out."""
        names = {field.name for field in fields(cls)}
        values = {name: value for layer in layers for name, value in layer.items() if name in names}
        return cls(**values)

    def as_text(self, turn: str = "") -> list[str]:
        """Return the rules in French, one sentence each. `turn`: the college whose turn it is to preside."""
        count = self.minimum_members
        lines = [f"{count} membre{'s' if count > 1 else ''} présent{'s' if count > 1 else ''} au moins"]
        if self.minimum_per_college:
            lines.append(f"{self.minimum_per_college} par collège au moins")
        if self.proxies_per_member:
            lines.append(
                f"majorité absolue des présents et représentés, {self.proxies_per_member} pouvoir(s) par membre"
            )
        else:
            lines.append("majorité absolue des présents, sans pouvoir")
        lines.append(f"présidence : {PRESIDENCIES[self.presidency]}")
        if self.presidency == "alternating" and turn:
            lines[-1] += f", cette fois les {COLLEGES[turn]}"
        lines.append(f"en cas de partage des voix, {TIES[self.tie]}")
        return lines
