"""What is certified: a branch, its référentiel, and the parts of it down to the criterion.

`branch_path`, on every model, is the lookup that leads from the model to its Branch ("" for Branch itself). It is read
by the visibility querysets only, through cqp.core.scoping.
"""

from .branch import Branch, BranchAdministrator, BranchSettings
from .content import Activity, Bloc, Competence, Criterion, GuideQuestion, HeadingCompetence, TrameItem
from .drafts import CriteriaSpreadsheet
from .referentiel import Referentiel, ReferentielSeal, Registration, ScaleLevel
from .texts import BranchText

__all__ = [
    "Activity",
    "Bloc",
    "Branch",
    "BranchAdministrator",
    "BranchSettings",
    "BranchText",
    "Competence",
    "CriteriaSpreadsheet",
    "Criterion",
    "GuideQuestion",
    "HeadingCompetence",
    "Referentiel",
    "ReferentielSeal",
    "Registration",
    "ScaleLevel",
    "TrameItem",
]
