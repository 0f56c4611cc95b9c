"""The file of a flow 1.1.2: what a holder lacks to be in it, the XML written as it goes, and its check. Pure.

Order, lengths and what may be nil: the receiver's public schema. Optional elements are left out when there is nothing to say;
those that may be nil are always there.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from candidates.people.countries import is_listed_country
from cqp.core.text import normalise

VERSION = "1.1.2"
NAMESPACE = "urn:cdc:cpf:pc5:schema:1.0.0"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
NAME_LENGTH = 60
FRANCE = "France"
CODE = re.compile(r"(RNCP|RS)\d{1,6}")
INSEE = re.compile(r"[0-9]{2}[0-9]{3}|2[AB][0-9]{3}")

# By the code of an access route; what is not here is nil.
ROUTES = {
    "continuing_training": "FORMATION_CONTINUE_HORS_CONTRAT_DE_PROFESSIONNALISATION",
    "professionalisation_contract": "FORMATION_CONTINUE_CONTRAT_DE_PROFESSIONNALISATION",
    "apprenticeship": "FORMATION_INITIALE_APPRENTISSAGE",
    "vae": "VAE",
    "free_candidate": "CANDIDAT_LIBRE",
}


@dataclass(frozen=True)
class Holder:
    """What is sent of one holder. `decided_on` is the day of the decision that completed the certification."""

    id_technique: str
    code: str
    decided_on: dt.date
    exam_from: dt.date
    exam_to: dt.date
    at_distance: bool
    access_route: str
    enrolled_on: dt.date
    birth_name: str
    used_name: str
    first_names: str
    sex: str
    birth_year: int
    birth_month: int | None
    birth_day: int | None
    birth_place: str
    birth_insee: str
    birth_country: str

    @property
    def names(self) -> list[str]:
        """The given names, three at most. Spaces part them where there is no comma."""
        parts = self.first_names.split(",") if "," in self.first_names else self.first_names.split()
        return [name.strip() for name in parts if name.strip()][:3]

    @property
    def is_cut(self) -> bool:
        """A name is longer than the flow takes: it is sent cut."""
        return any(len(name) > NAME_LENGTH for name in (self.birth_name, self.used_name, *self.names))


@dataclass(frozen=True)
class Sender:
    """The branch as the Caisse des dépôts knows it."""

    client: str
    contract: str
    nature: str

    @property
    def missing(self) -> list[str]:
        wrong = []
        if len(self.client) != 8:
            wrong.append("L'identifiant client a huit caractères : écrivez-le dans les réglages ci-dessous.")
        if not 1 <= len(self.contract) <= 20:
            wrong.append("L'identifiant de contrat manque : écrivez-le dans les réglages ci-dessous.")
        return wrong


def missing(holder: Holder) -> list[str]:
    """Return, in French, what a holder lacks to be sent."""
    wrong = []
    if not CODE.fullmatch(holder.code):
        wrong.append("le code RNCP de la certification (RNCP12345)")
    if _lacks_code(holder):
        wrong.append("le code INSEE de la commune de naissance")
    if not is_listed_country(holder.birth_country):
        wrong.append("le pays de naissance, tel que la liste l'écrit")
    if not holder.names:
        wrong.append("le prénom")
    if not 1900 <= holder.birth_year <= 2099:
        wrong.append("l'année de naissance")
    return wrong


def _lacks_code(holder: Holder) -> bool:
    return normalise(holder.birth_country) == normalise(FRANCE) and not INSEE.fullmatch(holder.birth_insee)


def lacks_birthplace(holder: Holder) -> bool:
    """Whether the birthplace is what a holder lacks: it is settled on a page of its own."""
    return _lacks_code(holder) or not is_listed_country(holder.birth_country)


def write_flow(out: IO[bytes], *, id_flux: str, at: dt.datetime, sender: Sender, holders: Iterable[Holder]) -> None:
    """Write the flow, holder after holder: memory does not grow with their number. `holders` come by code.

    `at` is aware: its offset is written as it is on that day.
    """
    from lxml import etree

    with etree.xmlfile(out, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element(_q("flux"), nsmap={None: NAMESPACE, "xsi": NIL[1:].partition("}")[0]}):
            _texts(xml, {"idFlux": id_flux, "horodatage": at.replace(microsecond=0).isoformat()})
            with xml.element(_q("emetteur")):
                _texts(xml, {"idClient": sender.client})
                with xml.element(_q("certificateurs")), xml.element(_q("certificateur")):
                    _texts(xml, {"idClient": sender.client, "idContrat": sender.contract})
                    with xml.element(_q("certifications")):
                        _certifications(xml, sender, holders)


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _certifications(xml: Any, sender: Sender, holders: Iterable[Holder]) -> None:
    from itertools import groupby

    for code, group in groupby(holders, key=lambda holder: holder.code):
        kind = CODE.fullmatch(code)
        assert kind, code
        with xml.element(_q("certification")):
            _texts(xml, {"type": kind[1], "code": code, "natureDeposant": sender.nature})
            with xml.element(_q("passageCertifications")):
                for holder in group:
                    _passage(xml, holder)


def _passage(xml: Any, holder: Holder) -> None:
    with xml.element(_q("passageCertification")):
        _texts(
            xml,
            {
                "idTechnique": holder.id_technique,
                "obtentionCertification": "PAR_ADMISSION",
                "donneeCertifiee": "true",
                "dateDebutExamen": holder.exam_from.isoformat(),
                "dateFinExamen": holder.exam_to.isoformat(),
                "modalitePassageExamen": "A_DISTANCE" if holder.at_distance else "EN_PRESENTIEL",
                "dateDebutValidite": holder.decided_on.isoformat(),
                "dateFinValidite": None,
                "presenceNiveauLangueEuro": "false",
                "presenceNiveauNumeriqueEuro": "false",
                "scoring": None,
                "mentionValidee": None,
            },
        )
        route = ROUTES.get(holder.access_route)
        with xml.element(_q("modalitesInscription")):
            _texts(xml, {"modaliteAcces": route})
            if route == "VAE":
                _texts(xml, {"voieAccessVAE": "VAE_CLASSIQUE"})
            _texts(xml, {"dateInscription": holder.enrolled_on.isoformat()})
        with xml.element(_q("identificationTitulaire")), xml.element(_q("titulaire")):
            _holder(xml, holder)


def _holder(xml: Any, holder: Holder) -> None:
    used = "" if holder.used_name == holder.birth_name else holder.used_name
    _texts(xml, {"nomNaissance": holder.birth_name[:NAME_LENGTH], "nomUsage": used[:NAME_LENGTH] or None})
    for rank, name in enumerate(holder.names, 1):
        _texts(xml, {f"prenom{rank}": name[:NAME_LENGTH]})
    _texts(
        xml,
        {
            "anneeNaissance": str(holder.birth_year),
            "moisNaissance": str(holder.birth_month) if holder.birth_month else None,
            "jourNaissance": str(holder.birth_day) if holder.birth_day else None,
            "sexe": holder.sex,
        },
    )
    with xml.element(_q("codeCommuneNaissance")):
        if INSEE.fullmatch(holder.birth_insee):
            with xml.element(_q("codeInseeNaissance")):
                _texts(xml, {"codeInsee": holder.birth_insee})
        else:
            with xml.element(_q("codePostalNaissance")):
                _texts(xml, {"codePostal": None})
    if holder.birth_place.strip():
        _texts(xml, {"libelleCommuneNaissance": holder.birth_place.strip()[:NAME_LENGTH]})
    if holder.birth_country.strip():
        _texts(xml, {"libellePaysNaissance": holder.birth_country.strip()[:NAME_LENGTH]})


def _texts(xml: Any, values: Mapping[str, str | None]) -> None:
    """Write elements in this order; None is nil."""
    for name, value in values.items():
        if value is None:
            with xml.element(_q(name), {NIL: "true"}):
                pass
        else:
            with xml.element(_q(name)):
                xml.write(value)


@cache
def _schema() -> Any:
    from lxml import etree

    return etree.XMLSchema(etree.parse(Path(__file__).with_name(f"flux-{VERSION}.xsd")))


def faults(content: bytes) -> list[str]:
    """Return where a flow breaks our schema: nothing, for one that may leave."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    schema = _schema()
    schema.validate(etree.fromstring(content, parser))
    return [f"ligne {error.line} : {error.message}" for error in list(schema.error_log)[:10]]


def without_holders(content: bytes, ids: Collection[str]) -> bytes | None:
    """Return a flow that we wrote, without the holdings of these `idTechnique`; None where none is left.

    A comment says where each was.
    """
    from lxml import etree

    tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    for passage in list(tree.iter(_q("passageCertification"))):
        if passage.findtext(_q("idTechnique")) in ids:
            passage.getparent().replace(passage, etree.Comment("données effacées"))
    if next(tree.iter(_q("passageCertification")), None) is None:
        return None
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
