"""The columns of a spreadsheet of candidates."""

from collections.abc import Callable, Sequence

from candidates.models import Candidate, Session
from candidates.people.identity import tidy
from cqp.core.text import normalise
from cqp.spreadsheets import cells
from cqp.spreadsheets.cells import CellError
from cqp.spreadsheets.columns import Column
from cqp.spreadsheets.formats import Cell
from referentiel.models import Bloc

SEXES = {
    **dict.fromkeys(("F", "Féminin", "Femme", "Mme", "Madame", "Mlle", "2"), Candidate.Sex.FEMALE),
    **dict.fromkeys(("M", "H", "Masculin", "Homme", "M.", "Mr", "Monsieur", "1"), Candidate.Sex.MALE),
}


def person_name_cell(longest: int) -> Callable[[Cell], str]:
    """Return what reads a name: with letters, of whatever script."""
    read_text = cells.name_cell(longest)

    def read(cell: Cell) -> str:
        value = tidy(read_text(cell)).strip(" ,")
        if not normalise(value) or isinstance(cell, int | float):
            raise CellError("écrivez ce nom avec des lettres")
        return value

    return read


def bloc_list_cell(blocs: Sequence[Bloc]) -> Callable[[Cell], list[Bloc]]:
    """Return what reads a list of blocs, by their numbers or codes: `1, 3`, `tous`."""
    known = {
        normalise(name): bloc
        for bloc in blocs
        for name in (str(bloc.number), bloc.code, f"bloc {bloc.number}", f"b{bloc.number}")
    }

    def read(cell: Cell) -> list[Bloc]:
        if normalise(cells.as_text(cell)) in (
            "tous",
            "toutes",
            "tous les blocs",
            "tout",
            "complet",
            "total",
        ):
            return list(blocs)
        listed = []
        for part in cells.list_cell(cell):
            if normalise(part) in ("bloc", "blocs", "n"):
                continue
            if normalise(part) not in known:
                raise CellError(
                    f"« {part} » n'est pas un bloc : écrivez {', '.join(str(bloc.number) for bloc in blocs)} ou tous"
                )
            listed.append(known[normalise(part)])
        return sorted(set(listed), key=lambda bloc: bloc.number)

    return read


IDENTITY = (
    Column(
        "email",
        "Adresse électronique",
        cells.email_cell,
        ("E-mail", "Email", "Mail", "Courriel", "Adresse mail"),
        True,
        "lea.nguessan@exemple.fr",
    ),
    Column(
        "birth_name",
        "Nom de naissance",
        person_name_cell(100),
        ("Nom", "Nom de famille", "Nom patronymique", "Nom de jeune fille"),
        True,
        "N'Guessan",
    ),
    Column("used_name", "Nom d'usage", cells.name_cell(100), ("Nom marital", "Nom d'épouse", "Nom usuel")),
    Column("first_names", "Prénoms", person_name_cell(150), ("Prénom", "Prénom(s)"), True, "Léa, Marie"),
    Column("sex", "Sexe", cells.choice_cell(SEXES, "F ou M"), ("Civilité", "Genre", "H/F", "F/M"), True, "F"),
    Column(
        "birth",
        "Date de naissance",
        cells.birth_cell,
        ("Né le", "Née le", "Né(e) le", "Naissance", "DDN", "Date naissance"),
        True,
        "03/11/1988",
    ),
    Column(
        "birth_place",
        "Commune de naissance",
        cells.name_cell(100),
        ("Lieu de naissance", "Ville de naissance", "Né à", "Né(e) à"),
        example="Lyon",
    ),
    Column("birth_insee", "Code INSEE de naissance", cells.insee_cell, ("Code INSEE", "INSEE", "Code commune")),
    Column("birth_country", "Pays de naissance", cells.name_cell(60), ("Pays",), example="France"),
)
ORGANISATIONS = (
    Column(
        "employer", "Entreprise", cells.name_cell(200), ("Employeur", "Société", "Raison sociale"), example="METRO Bron"
    ),
    Column(
        "training_centre",
        "Organisme de formation",
        cells.name_cell(200),
        ("Organisme", "Centre de formation", "OF", "CFA"),
    ),
    Column("referent_trainer_name", "Formateur référent", cells.name_cell(150), ("Formateur", "Référent", "Tuteur")),
    Column(
        "referent_trainer_email",
        "Adresse du formateur référent",
        cells.email_cell,
        ("Mail du formateur", "E-mail du formateur", "Email formateur"),
    ),
)
MEASURES = (
    Column(
        "extra_minutes",
        "Temps supplémentaire (minutes)",
        cells.integer_cell(0, 120, "minutes"),
        ("Temps supplémentaire", "Temps majoré", "Tiers temps"),
        example="10",
    ),
    Column("break_minutes", "Pause prévue (minutes)", cells.integer_cell(0, 120, "minutes"), ("Pause", "Pause prévue")),
    Column(
        "other_measures",
        "Autres mesures",
        cells.name_cell(200),
        ("Mesures", "Aménagements", "Aménagement"),
        help="La mesure, jamais sa raison.",
    ),
    Column(
        "at_distance", "Entretiens à distance", cells.yes_cell, ("À distance", "Distance", "Visio", "Visioconférence")
    ),
)


def columns(session: Session) -> list[Column]:
    """Return the columns that are understood, in the order of our template."""
    route, blocs = access_route_column(session), bloc_columns(session)
    return [*IDENTITY, *ORGANISATIONS, route, *blocs, *MEASURES]


def access_route_column(session: Session) -> Column:
    routes = session.referentiel.access_routes
    codes = {spelling: route["code"] for route in routes for spelling in (route["code"], route["label"])}
    labels = [route["label"] for route in routes]
    return Column(
        "access_route",
        "Voie d'accès",
        cells.choice_cell(codes, " ou ".join(f"« {label} »" for label in labels)),
        ("Voie", "Modalité d'accès", "Dispositif"),
        True,
        labels[0],
    )


def bloc_columns(session: Session) -> list[Column]:
    """Return the column that lists blocs, and one for each bloc, to be ticked."""
    blocs = list(session.referentiel.blocs.all())
    listed = Column(
        "blocs",
        "Blocs présentés",
        bloc_list_cell(blocs),
        ("Blocs", "Bloc", "Bloc(s)"),
        example=", ".join(str(bloc.number) for bloc in blocs),
        help="Vide : tous.",
    )
    return [listed, *(Column(f"bloc_{bloc.pk}", f"Bloc {bloc.number}", cells.yes_cell, (bloc.code,)) for bloc in blocs)]
