"""The countries a person may be born in, by their French names. Those that no longer exist lead to today's."""

from functools import cache

from babel import Locale

from cqp.core.text import normalise

FRANCE = "France"
# Territories of CLDR's list that are France's own (a birth there has a code of the official geographic code), or no country.
FRENCH = ("BL", "CP", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT")
NO_COUNTRY = {"AC", "AQ", "BV", "CQ", "DG", "EA", "EU", "EZ", "HM", "IC", "QO", "TA", "UM", "UN", "XA", "XB", "ZZ"}
# As people write them, and as they were called at the time of a birth: (today's names).
OTHER_NAMES = {
    "usa": ("États-Unis",),
    "etats unis d amerique": ("États-Unis",),
    "uk": ("Royaume-Uni",),
    "grande bretagne": ("Royaume-Uni",),
    "angleterre": ("Royaume-Uni",),
    "ecosse": ("Royaume-Uni",),
    "hollande": ("Pays-Bas",),
    "republique tcheque": ("Tchéquie",),
    "rfa": ("Allemagne",),
    "rda": ("Allemagne",),
    "birmanie": ("Myanmar (Birmanie)",),
    "zaire": ("Congo-Kinshasa",),
    "rdc": ("Congo-Kinshasa",),
    "republique democratique du congo": ("Congo-Kinshasa",),
    "congo": ("Congo-Brazzaville", "Congo-Kinshasa"),
    "republique du congo": ("Congo-Brazzaville",),
    "haute volta": ("Burkina Faso",),
    "dahomey": ("Bénin",),
    "ceylan": ("Sri Lanka",),
    "cap vert": ("Cap-Vert",),
    "coree": ("Corée du Sud", "Corée du Nord"),
    "palestine": ("Territoires palestiniens",),
    "urss": ("Russie", "Ukraine", "Biélorussie", "Géorgie", "Arménie", "Kazakhstan"),
    "union sovietique": ("Russie", "Ukraine", "Biélorussie", "Géorgie", "Arménie", "Kazakhstan"),
    "yougoslavie": ("Serbie", "Croatie", "Bosnie-Herzégovine", "Slovénie", "Monténégro", "Kosovo"),
    "tchecoslovaquie": ("Tchéquie", "Slovaquie"),
    "indochine": ("Viêt Nam", "Laos", "Cambodge"),
    "vietnam": ("Viêt Nam",),
    "tibet": ("Chine",),
    "hong kong": ("R.A.S. chinoise de Hong Kong",),
    "macao": ("R.A.S. chinoise de Macao",),
}


class UnknownCountryError(Exception):
    """No country of the list has this name. `proposals`: today's names that it may stand for, none or several."""

    def __init__(self, text: str, proposals: tuple[str, ...]) -> None:
        self.proposals = proposals
        named = " ou ".join((", ".join(proposals[:-1]), proposals[-1])) if len(proposals) > 1 else ""
        super().__init__(
            f"« {text[:60]} » ne désigne pas un seul pays d'aujourd'hui : écrivez {named}."
            if named
            else f"« {text[:60]} » n'est pas dans la liste des pays : choisissez-le dans la liste, en français."
        )


def _territories() -> dict[str, str]:
    """Return CLDR's territories: {code: French name}."""
    return {str(code): str(name) for code, name in Locale("fr").territories.items()}


@cache
def list_countries() -> tuple[str, ...]:
    """Return the names, France first, then in French order."""
    territories = _territories()
    codes = (code for code in territories if code.isalpha() and code not in NO_COUNTRY and code not in FRENCH)
    # Apostrophes as they are typed, and as civil status is kept here.
    names = {territories[code].replace("’", "'") for code in codes}
    return (FRANCE, *sorted(names - {FRANCE}, key=normalise))


@cache
def _by_name() -> dict[str, str]:
    territories = _territories()
    names = {normalise(name): name for name in list_countries()}
    names |= {normalise(name.removesuffix(")").partition("(")[2]): name for name in list_countries() if "(" in name}
    return (
        names | {"reunion": FRANCE} | {normalise(territories[code]): FRANCE for code in FRENCH if code in territories}
    )


def find_country(text: str) -> str:
    """Return the name in the list of a country as it was written; of an overseas territory, France. "" for "".

    Raises UnknownCountryError, whose message says in French what to write.
    """
    folded = normalise(text)
    if not folded:
        return ""
    words = folded.split()
    bare = " ".join(words[1:]) if len(words) > 1 and words[0] in ("le", "la", "les", "l") else folded
    for name in (folded, bare):
        if country := _by_name().get(name):
            return country
        if proposals := OTHER_NAMES.get(name):
            if len(proposals) == 1:
                return proposals[0]
            raise UnknownCountryError(text, proposals)
    raise UnknownCountryError(text, ())


def is_listed_country(text: str) -> bool:
    """Whether a kept country is one of the list: what was typed before there was one may not be."""
    return _by_name().get(normalise(text)) is not None
