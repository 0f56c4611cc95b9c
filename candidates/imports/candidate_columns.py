"""The columns of a spreadsheet of candidates."""

from collections.abc import Callable, Sequence

from candidates.models import Candidate, Session
from candidates.services.identity import tidy
from cqp import cells
from cqp.cells import Wrong
from cqp.imports import Column
from cqp.spreadsheets import Cell
from cqp.text import fold
from referentiel.models import Bloc

SEXES = {
    **dict.fromkeys(("F", "Féminin", "Femme", "Mme", "Madame", "Mlle", "2"), Candidate.Sex.FEMALE),
    **dict.fromkeys(("M", "H", "Masculin", "Homme", "M.", "Mr", "Monsieur", "1"), Candidate.Sex.MALE),
}


def columns(session: Session) -> list[Column]:
    referentiel = session.referentiel
    routes = {spelling: one["code"] for one in referentiel.access_routes for spelling in (one["code"], one["label"])}
    labels = [one["label"] for one in referentiel.access_routes]
    blocs = list(referentiel.blocs.all())
    return [
        Column(
            "email",
            "Adresse électronique",
            cells.email,
            ("E-mail", "Email", "Mail", "Courriel", "Adresse mail"),
            True,
            "lea.nguessan@exemple.fr",
        ),
        Column(
            "birth_name",
            "Nom de naissance",
            a_name(100),
            ("Nom", "Nom de famille", "Nom patronymique", "Nom de jeune fille"),
            True,
            "N'Guessan",
        ),
        Column("used_name", "Nom d'usage", cells.name(100), ("Nom marital", "Nom d'épouse", "Nom usuel")),
        Column("first_names", "Prénoms", a_name(150), ("Prénom", "Prénom(s)"), True, "Léa, Marie"),
        Column("sex", "Sexe", cells.one_of(SEXES, "F ou M"), ("Civilité", "Genre", "H/F", "F/M"), True, "F"),
        Column(
            "birth",
            "Date de naissance",
            cells.birth,
            ("Né le", "Née le", "Né(e) le", "Naissance", "DDN", "Date naissance"),
            True,
            "03/11/1988",
        ),
        Column(
            "birth_place",
            "Commune de naissance",
            cells.name(100),
            ("Lieu de naissance", "Ville de naissance", "Né à", "Né(e) à"),
            example="Lyon",
        ),
        Column("birth_insee", "Code INSEE de naissance", cells.insee, ("Code INSEE", "INSEE", "Code commune")),
        Column("birth_country", "Pays de naissance", cells.name(60), ("Pays",), example="France"),
        Column(
            "employer", "Entreprise", cells.name(200), ("Employeur", "Société", "Raison sociale"), example="METRO Bron"
        ),
        Column(
            "training_centre",
            "Organisme de formation",
            cells.name(200),
            ("Organisme", "Centre de formation", "OF", "CFA"),
        ),
        Column("referent_trainer_name", "Formateur référent", cells.name(150), ("Formateur", "Référent", "Tuteur")),
        Column(
            "referent_trainer_email",
            "Adresse du formateur référent",
            cells.email,
            ("Mail du formateur", "E-mail du formateur", "Email formateur"),
        ),
        Column(
            "access_route",
            "Voie d'accès",
            cells.one_of(routes, " ou ".join(f"« {label} »" for label in labels)),
            ("Voie", "Modalité d'accès", "Dispositif"),
            True,
            labels[0],
        ),
        Column(
            "blocs",
            "Blocs présentés",
            bloc_list(blocs),
            ("Blocs", "Bloc", "Bloc(s)"),
            example=", ".join(str(bloc.number) for bloc in blocs),
            help="Vide : tous.",
        ),
        *(Column(f"bloc_{bloc.pk}", f"Bloc {bloc.number}", cells.yes, (bloc.code,)) for bloc in blocs),
        Column(
            "extra_minutes",
            "Temps supplémentaire (minutes)",
            cells.whole(0, 120, "minutes"),
            ("Temps supplémentaire", "Temps majoré", "Tiers temps"),
            example="10",
        ),
        Column("break_minutes", "Pause prévue (minutes)", cells.whole(0, 120, "minutes"), ("Pause", "Pause prévue")),
        Column(
            "other_measures",
            "Autres mesures",
            cells.name(200),
            ("Mesures", "Aménagements", "Aménagement"),
            help="La mesure, jamais sa raison.",
        ),
        Column(
            "at_distance", "Entretiens à distance", cells.yes, ("À distance", "Distance", "Visio", "Visioconférence")
        ),
    ]


def a_name(longest: int) -> Callable[[Cell], str]:
    """Return what reads a name: with letters, of whatever script."""
    read_text = cells.name(longest)

    def read(cell: Cell) -> str:
        value = tidy(read_text(cell)).strip(" ,")
        if not fold(value) or isinstance(cell, int | float):
            raise Wrong("écrivez ce nom avec des lettres")
        return value

    return read


def bloc_list(blocs: Sequence[Bloc]) -> Callable[[Cell], list[Bloc]]:
    """Return what reads a list of blocs, by their numbers or codes: `1, 3`, `tous`."""
    known = {
        fold(name): bloc
        for bloc in blocs
        for name in (str(bloc.number), bloc.code, f"bloc {bloc.number}", f"b{bloc.number}")
    }

    def read(cell: Cell) -> list[Bloc]:
        if fold(cells.text(cell)) in ("tous", "toutes", "tous les blocs", "tout", "complet", "total"):
            return list(blocs)
        found = []
        for part in cells.listed(cell):
            if fold(part) in ("bloc", "blocs", "n"):
                continue
            if fold(part) not in known:
                raise Wrong(
                    f"« {part} » n'est pas un bloc : écrivez {', '.join(str(bloc.number) for bloc in blocs)} ou tous"
                )
            found.append(known[fold(part)])
        return sorted(set(found), key=lambda bloc: bloc.number)

    return read
