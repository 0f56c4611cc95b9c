"""A sealed référentiel is frozen by the database. The guide's questions stay outside the seal. A fiche is read in a box."""

from cqp.evidence.hooks import Freeze, declare_evident, declare_freezes, declare_plain
from cqp.sandbox.hooks import MB, Limits, declare

SEALED = "Ce référentiel est scellé : il ne se modifie plus. Créez une nouvelle version."

# SQL that reaches the référentiel's id from a row of each table.
_REFERENTIEL_ID = {
    "Referentiel": "{row}.id",
    "ScaleLevel": "{row}.referentiel_id",
    "Bloc": "{row}.referentiel_id",
    "TrameItem": "(SELECT b.referentiel_id FROM referentiel_bloc b WHERE b.id = {row}.bloc_id)",
    "Activity": "(SELECT b.referentiel_id FROM referentiel_bloc b WHERE b.id = {row}.bloc_id)",
    "Competence": "(SELECT b.referentiel_id FROM referentiel_activity a JOIN referentiel_bloc b "
    "ON b.id = a.bloc_id WHERE a.id = {row}.activity_id)",
    "Criterion": "(SELECT b.referentiel_id FROM referentiel_competence c JOIN referentiel_activity a "
    "ON a.id = c.activity_id JOIN referentiel_bloc b ON b.id = a.bloc_id WHERE c.id = {row}.competence_id)",
}

declare_freezes(
    *(
        Freeze(
            f"referentiel.{model}",
            ("INSERT", "UPDATE", "DELETE"),
            SEALED,
            condition=f"EXISTS (SELECT 1 FROM referentiel_referentielseal s WHERE s.referentiel_id = {path})",
        )
        for model, path in _REFERENTIEL_ID.items()
    ),
    Freeze("referentiel.ReferentielSeal", ("UPDATE", "DELETE"), SEALED),
)

declare_evident(
    "referentiel.Referentiel",
    "branch code version title rncp_code level nsf rule rule_parameters rule_note separate_sheets bloc_validity_months "
    "access_routes incompatibility_policy jury_rules",
)
declare_evident("referentiel.ReferentielSeal", "referentiel sealed_at sealed_by")
declare_evident("referentiel.ScaleLevel", "referentiel value label points needs_note")
declare_evident(
    "referentiel.Bloc", "referentiel number code title modality interview_minutes evaluator_count continues"
)
declare_evident("referentiel.TrameItem", "bloc position text")
declare_evident("referentiel.Activity", "bloc position code title")
declare_evident("referentiel.Competence", "activity position code statement criteria_heading")
declare_evident("referentiel.Criterion", "competence position text")
declare_evident("referentiel.Registration", "referentiel rncp_code decided_on ends_on")
declare_plain(
    "Help for the interview, outside the seal; an interview that has begun keeps its own copy.",
    "referentiel.GuideQuestion",
    "referentiel.HeadingCompetence",
)
declare_plain("A draft's spreadsheet, dropped once it is read.", "referentiel.CriteriaSpreadsheet")
declare(
    "referentiel.drafts.rncp_parsing.parse",
    # The export of 50 MB is read element by element in some seconds; a fiche has some hundred kB.
    Limits(cpu=20, wall=60, memory=512 * MB, written=8 * MB),
    lane="people",
    remedy="Extrayez de l'export du RNCP la fiche qu'il faut, et envoyez-la seule.",
)
