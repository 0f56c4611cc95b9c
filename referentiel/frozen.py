"""A sealed référentiel is frozen by the database. The guide's questions stay outside the seal."""

from cqp.triggers import Freeze

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

FREEZES = (
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
