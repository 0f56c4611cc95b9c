"""What is written of a holder, and what the receiver answers."""

import datetime as dt
from zoneinfo import ZoneInfo

from lxml import etree

from evaluations.accrochage.flow import NAMESPACE, Holder, Sender, write_flow

PARIS = ZoneInfo("Europe/Paris")
SENDER = Sender("12345678", "MCFCER000001", "CERTIFICATEUR")
HOLDER = Holder(
    id_technique="b2b-1",
    code="RNCP12345",
    decided_on=dt.date(2026, 11, 20),
    exam_from=dt.date(2026, 11, 2),
    exam_to=dt.date(2026, 11, 5),
    at_distance=False,
    access_route="vae",
    enrolled_on=dt.date(2026, 9, 1),
    birth_name="N'Guessan",
    used_name="",
    first_names="Léa, Marie Anne, Zoé, Inès",
    sex="F",
    birth_year=1988,
    birth_month=11,
    birth_day=3,
    birth_place="Lyon",
    birth_insee="69123",
    birth_country="France",
)


def written(*holders: Holder, at: dt.datetime | None = None) -> bytes:
    import io

    out = io.BytesIO()
    at = at or dt.datetime(2026, 11, 25, 10, 5, 6, 789, tzinfo=PARIS)
    write_flow(out, id_flux="flux-1", at=at, sender=SENDER, holders=holders)
    return out.getvalue()


def changed(**values) -> Holder:
    return Holder(**{**HOLDER.__dict__, **values})


def texts(content: bytes, name: str) -> list[str | None]:
    return [one.text for one in etree.fromstring(content).iter(f"{{{NAMESPACE}}}{name}")]


def receipt(id_flux: str, ok=(), ko=()) -> bytes:
    accepted = "".join(f"<idTechnique>{one}</idTechnique>" for one in ok)
    rejected = "".join(
        f"<passage><idTechnique>{one}</idTechnique><messageErreur>{words}</messageErreur></passage>"
        for one, words in ko
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ns2:rapport xmlns:ns2="urn:cdc:cpf:pc5:rapport:schema">'
        f"<nomFichier>f.xml</nomFichier><idFlux>{id_flux}</idFlux><idTraitement>T1</idTraitement>"
        f"<PassagesKO>{rejected}</PassagesKO><PassagesOK>{accepted}</PassagesOK></ns2:rapport>"
    ).encode()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><rapport>&b;</rapport>'
