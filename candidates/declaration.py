"""What a candidate declares on honour when a dossier is handed in. The words are kept with the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OWN_WORK = "Je déclare sur l'honneur que ce dossier est mon propre travail."
EMPLOYER = (
    "Mon employeur accepte que j'y mentionne les informations qui le concernent ; collègues et clients y sont anonymes."
)
NO_TOOL = "Je n'ai pas utilisé d'outil d'intelligence artificielle générative."
TOOLS = "J'ai utilisé un outil d'intelligence artificielle générative, et je dis lequel et pour quoi."
MAX_TOOLS = 1000
RECRUITED = "J'ai contribué à au moins un recrutement."
NO_RECRUITMENT = "Je n'ai contribué à aucun recrutement."


@dataclass(frozen=True)
class Declaration:
    """tools: which generative tools were used and what for; "" when none was."""

    own_work: bool
    employer: bool
    tools: str = ""

    @property
    def complete(self) -> bool:
        return self.own_work and self.employer

    def told(self) -> dict[str, Any]:
        """Return what the journal and the receipt keep: the sentences as they were accepted."""
        return {"sentences": [OWN_WORK, EMPLOYER, TOOLS if self.tools else NO_TOOL], "tools": self.tools}


def sentences(told: Mapping[str, Any], recruited: bool | None) -> list[str]:
    """Return a kept declaration as it is read, with what was said of recruitment (None: it was not asked)."""
    tools = [f"Outils et usages : {told['tools']}"] if told["tools"] else []
    experience = {None: [], True: [RECRUITED], False: [NO_RECRUITMENT]}[recruited]
    return [*told["sentences"], *tools, *experience]
