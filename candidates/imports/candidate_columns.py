"""The columns of a spreadsheet of candidates."""

import re
from collections.abc import Callable, Mapping, Sequence

from candidates.models import Candidate, Session
from candidates.people.countries import UnknownCountryError, find_country
from candidates.people.departments import find_department
from candidates.people.identity import tidy
from cqp.core.text import normalise
from cqp.spreadsheets import cells, dates
from cqp.spreadsheets.cells import CellError, Proposed, value_of
from cqp.spreadsheets.formats import Cell
from cqp.spreadsheets.headings import Column
from referentiel.models import Bloc

SEXES = {
    **dict.fromkeys(
        ("F", "Féminin", "Femme", "Mme", "Madame", "Mlle", "Melle", "Mle", "Mademoiselle", "Fille", "2"),
        Candidate.Sex.FEMALE,
    ),
    **dict.fromkeys(("M", "H", "Masculin", "Homme", "M.", "Mr", "Monsieur", "Garçon", "1"), Candidate.Sex.MALE),
}

ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
# 1-2-3; 1-3 may be all three, or two of them.
HYPHENS = re.compile(r"\d{1,2}(?: ?- ?\d{1,2}){2,20}")
# How people write the ways to the certificate, by the codes of the fixture.
USUAL_ROUTES = {
    "professionalisation_contract": (
        "Contrat pro",
        "Contrat pro.",
        "Contrat de pro",
        "Professionnalisation",
        "Contrat prof",
    ),
    "apprenticeship": ("Contrat d'apprentissage", "Contrat apprentissage", "Apprenti", "Apprentie"),
    "continuing_training": ("Formation pro", "Formation professionnelle continue", "FPC", "FC"),
    "vae": ("Validation des acquis", "Validation des acquis de l'expérience", "V.A.E."),
}
NOT_AVAILABLE = re.compile("n/[ad]", re.IGNORECASE)
SIGNS = re.compile(r"[\d_@#*+=<>{}\[\]|\\/!;:&%]")


def person_name_cell(longest: int) -> Callable[[Cell], str | Proposed[str]]:
    """Return what reads a name: with letters, of whatever script. A sign that no name has is proposed."""
    read_text = cells.name_cell(longest)

    def read(cell: Cell) -> str | Proposed[str]:
        written = read_text(cell)
        value = tidy(value_of(written)).strip(" ,")
        if not normalise(value) or isinstance(cell, int | float) or NOT_AVAILABLE.fullmatch(value):
            raise CellError("écrivez ce nom avec des lettres")
        if isinstance(written, Proposed) or "?" in value:
            return Proposed(value, cells.LOST_LETTERS)
        return Proposed(value, "un nom n'a pas de chiffres ni de signes, relisez") if SIGNS.search(value) else value

    return read


def bloc_list_cell(blocs: Sequence[Bloc]) -> Callable[[Cell], list[Bloc]]:
    """Return what reads a list of blocs, by their numbers or codes: `1, 3`, `tous`."""
    known = {
        normalise(name): bloc
        for bloc in blocs
        for name in (str(bloc.number), f"bloc {bloc.number}", *_bloc_titles(bloc)[:-2])
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
        text = cells.as_text(cell)
        for part in text.split("-") if HYPHENS.fullmatch(text) else cells.list_cell(cell):
            if normalise(part) in ("bloc", "blocs", "n"):
                continue
            if normalise(part) not in known:
                raise CellError(
                    f"« {part} » n'est pas un bloc : écrivez {', '.join(str(bloc.number) for bloc in blocs)} ou tous"
                )
            listed.append(known[normalise(part)])
        return sorted(set(listed), key=lambda bloc: bloc.number)

    return read


def department_cell(cell: Cell) -> str:
    """Return the code of a département, of its code or name; "" for none."""
    text = value_of(cells.name_cell(60)(cell))
    code = find_department(text)
    if text and not code:
        raise CellError("écrivez le numéro ou le nom du département : 93 ou Seine-Saint-Denis")
    return code


def country_cell(cell: Cell) -> str:
    """Return a country as the list names it."""
    try:
        return find_country(value_of(cells.name_cell(60)(cell)))
    except UnknownCountryError as unknown:
        raise CellError(str(unknown)) from None


IDENTITY = (
    Column(
        "email",
        "Adresse électronique",
        cells.email_cell,
        ("E-mail", "Email", "Mail", "Mél", "Courriel", "Adresse mail", "Adresse e-mail", "Adresse courriel"),
        True,
        "lea.nguessan@exemple.fr",
        marked_by=ADDRESS.fullmatch,
    ),
    Column(
        "birth_name",
        "Nom de naissance",
        person_name_cell(100),
        ("Nom", "Nom de famille", "Nom patronymique", "Nom de jeune fille", "Nom naiss."),
        True,
        "N'Guessan",
    ),
    Column("used_name", "Nom d'usage", cells.name_cell(100), ("Nom marital", "Nom d'épouse", "Nom usuel")),
    Column(
        "first_names",
        "Prénoms",
        person_name_cell(150),
        ("Prénom", "Prénom(s)", "Prénoms de naissance"),
        True,
        "Léa, Marie",
    ),
    Column(
        "sex",
        "Sexe",
        cells.choice_cell(SEXES, "F ou M"),
        ("Civilité", "Civ.", "Genre", "H/F", "F/M", "Titre"),
        True,
        "F",
    ),
    Column(
        "birth",
        "Date de naissance",
        dates.birth_cell,
        ("Né le", "Née le", "Né(e) le", "Naissance", "DDN", "Date naissance", "Date naiss."),
        True,
        "03/11/1988",
    ),
    Column(
        "birth_place",
        "Commune de naissance",
        cells.name_cell(100),
        ("Lieu de naissance", "Lieu naiss.", "Ville de naissance", "Né à", "Né(e) à"),
        example="Lyon",
    ),
    Column("birth_insee", "Code INSEE de naissance", cells.insee_cell, ("Code INSEE", "INSEE", "Code commune")),
    Column(
        "birth_department",
        "Département de naissance",
        department_cell,
        ("Département", "Dép. de naissance", "Dpt naissance", "Dép naissance", "Dept naissance"),
        help="Il dit laquelle, quand plusieurs communes portent ce nom.",
    ),
    Column(
        "birth_postal_code",
        "Code postal de naissance",
        cells.name_cell(10),
        ("CP de naissance", "CP naissance", "Code postal naissance"),
    ),
    Column("birth_country", "Pays de naissance", country_cell, ("Pays",), example="France"),
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
    codes = {spelling: route["code"] for route in routes for spelling in _route_names(route)}
    labels = [route["label"] for route in routes]
    return Column(
        "access_route",
        "Voie d'accès",
        cells.choice_cell(codes, " ou ".join(f"« {label} »" for label in labels)),
        ("Voie", "Modalité d'accès", "Dispositif", "Parcours", "Type de contrat", "Type de parcours"),
        True,
        labels[0],
    )


def _route_names(route: Mapping[str, str]) -> tuple[str, ...]:
    return (route["code"], route["label"], *USUAL_ROUTES.get(route["code"], ()))


def _bloc_titles(bloc: Bloc) -> tuple[str, ...]:
    n = bloc.number
    return (bloc.code, f"B{n}", f"BC{n}", f"BC0{n}", f"Bloc{n}", f"Bloc n°{n}", f"Bloc {n} {bloc.title}", bloc.title)


def bloc_columns(session: Session) -> list[Column]:
    """Return the column that lists blocs, and one for each bloc, to be ticked."""
    blocs = list(session.referentiel.blocs.all())
    listed = Column(
        "blocs",
        "Blocs présentés",
        bloc_list_cell(blocs),
        ("Blocs", "Bloc", "Bloc(s)", "N° bloc", "N° blocs", "Numéro de bloc", "Code bloc", "Codes blocs"),
        example=", ".join(str(bloc.number) for bloc in blocs),
        help="Vide : tous.",
    )
    return [
        listed,
        *(Column(f"bloc_{bloc.pk}", f"Bloc {bloc.number}", cells.yes_cell, _bloc_titles(bloc)) for bloc in blocs),
    ]
