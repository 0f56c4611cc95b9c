"""A référentiel from a spreadsheet of criteria, and from a fiche of the RNCP."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cqp.spreadsheets.writing import write_xlsx
from referentiel.drafts.content import compare, read
from referentiel.drafts.criteria_columns import COLUMNS, rows_of
from referentiel.drafts.rncp import FicheRefused, read_fiche
from referentiel.drafts.spreadsheet_services import keep_spreadsheet, make_draft, read_criteria
from referentiel.models import CriteriaSpreadsheet, Referentiel
from tests.cqp.spreadsheets.sheets import libreoffice

pytestmark = pytest.mark.django_db

SHEET = """CQP Logisticien;;;;;
N° de bloc;Intitulé du bloc;Durée;Évaluateurs;Code compétence;Compétences;Critères d'évaluation;Remarque
Bloc 1;Recevoir;45;3;C1;Contrôler une livraison;Les écarts sont notés;x
;;;;;;Le bon est signé;
;;;;C2;Ranger;L'adresse est respectée;
BC02;Préparer;;;C3;Prélever;La liste est suivie;
"""


@pytest.fixture
def keep(branch, admin):
    def kept(content: bytes, name: str = "criteres.ods", **names: str) -> CriteriaSpreadsheet:
        values = {"code": "CQP-LOG", "version": "1", "title": "Logisticien"} | names
        return keep_spreadsheet(branch=branch, name=name, content=content, by=admin, **values)

    return kept


@pytest.mark.parametrize("extension", ["ods", "xlsx"])
def test_a_spreadsheet_of_libreoffice_becomes_a_draft(keep, admin, extension):
    found = keep(libreoffice(SHEET, extension))
    run = read_criteria(found)
    assert (run.reading.missing, run.refused) == ([], [])
    draft = make_draft(sent=found, by=admin)
    first, second = read(Referentiel.objects.with_content().get(pk=draft.pk))
    assert (first.title, first.interview_minutes, first.evaluator_count) == ("Recevoir", 45, 3)
    assert (second.title, second.interview_minutes, second.evaluator_count) == ("Préparer", 30, 2)
    assert [(one.code, one.criteria) for one in first.competences] == [
        ("C1", ("Les écarts sont notés", "Le bon est signé")),
        ("C2", ("L'adresse est respectée",)),
    ]
    assert not CriteriaSpreadsheet.objects.exists()


def test_what_was_exported_comes_back_the_same(keep, admin, referentiel):
    sealed = Referentiel.objects.with_content().get(pk=referentiel.pk)
    content = write_xlsx("Critères", [one.label for one in COLUMNS], rows_of(sealed))
    found = keep(content, "criteres.xlsx", code=sealed.code, version="2")
    draft = make_draft(sent=found, by=admin)
    draft = Referentiel.objects.with_content().get(pk=draft.pk)
    assert compare(read(sealed), read(draft)) == []
    assert draft.rule_parameters == sealed.rule_parameters
    assert [one.continues_id for one in draft.blocs.all()] == [one.pk for one in sealed.blocs.all()]


def test_every_error_of_every_row_is_told_at_once(keep, admin, client):
    lines = (
        "Bloc;Intitulé du bloc;Durée de l'entretien;Code de la compétence;Compétence;Critère",
        "un;Recevoir;trente;C1;Contrôler;Noté",
        "2;Ranger;30;C2;Ranger;Vite",
        "2;Trier;20;C2;Trier;Vite",
        "2;Ranger;;C3;Empiler;",
    )
    found = keep("\n".join(lines).encode(), "criteres.csv")
    told = {row.number: [f"{one.label} : {one.message}" for one in row.errors] for row in read_criteria(found).refused}
    assert told == {
        2: [
            "Bloc : écrivez le numéro du bloc : 1, Bloc 1 ou BC01",
            "Durée de l'entretien : écrivez un nombre entier de 1 à 480",
        ],
        4: [
            "Intitulé du bloc : ce n'est pas ce que dit la ligne 3 : corrigez l'une des deux",
            "Durée de l'entretien : ce n'est pas ce que dit la ligne 3 : corrigez l'une des deux",
            "Compétence : ce n'est pas ce que dit la ligne 3 : corrigez l'une des deux",
            "Critère : le même critère qu'à la ligne 3",
        ],
        5: ["Critère : à remplir"],
    }
    client.force_login(admin)
    page = client.get(f"/branche/criteres/{found.pk}/").content.decode()
    assert "4 lignes à corriger" not in page
    assert "3 lignes à corriger" in page
    back = client.get(f"/branche/criteres/{found.pk}/a-corriger/").content.decode()
    assert "Bloc : écrivez le numéro du bloc" in back
    response = client.post(f"/branche/criteres/{found.pk}/appliquer/", follow=True)
    assert "un référentiel n&#x27;est pas créé à moitié" in response.content.decode()
    assert not Referentiel.objects.filter(code="CQP-LOG").exists()


def test_columns_can_be_corrected(keep, admin, client):
    found = keep(b"Bloc;Ref;Ce qu'il faut savoir;Preuve\n1;C1;Trier;Vite\n", "criteres.csv")
    client.force_login(admin)
    page = client.get(f"/branche/criteres/{found.pk}/").content.decode()
    assert "Il manque des colonnes" in page
    form = {"header": "1", "column_bloc": "0", "column_competence_code": "1", "column_competence": "2"}
    response = client.post(f"/branche/criteres/{found.pk}/colonnes/", form | {"column_criterion": "2"})
    assert response.status_code == 422
    form["column_criterion"] = "3"
    assert client.post(f"/branche/criteres/{found.pk}/colonnes/", form).status_code == 302
    page = client.get(f"/branche/criteres/{found.pk}/").content.decode()
    assert "Créer le brouillon, version 1" in page


def test_the_template_is_understood_as_it_is(keep, client, admin):
    client.force_login(admin)
    content = client.get("/branche/referentiels/modele.xlsx").content
    run = read_criteria(keep(content, "modele.xlsx"))
    assert (run.reading.missing, run.reading.unused, run.refused) == ([], [], [])
    assert [one.title for one in run.blocs] == ["Piloter l'activité commerciale"]


def test_a_file_that_is_no_table_is_refused(client, admin):
    client.force_login(admin)
    form = {"criteres-title": "A", "criteres-code": "A", "criteres-version": "1"}
    for content, words in ((b"\x00\x01\x02 rien", "pas un tableau"), (b"", "Ce fichier est vide")):
        data = form | {"criteres-file": SimpleUploadedFile("a.xlsx", content)}
        response = client.post("/branche/referentiels/nouveau/criteres/", data)
        assert response.status_code == 422
        assert words in response.content.decode()


FICHE = """<?xml version="1.0" encoding="UTF-8"?>
<FICHES><FICHE>
  <NUMERO_FICHE>RNCP40123</NUMERO_FICHE>
  <INTITULE>Manager d'équipe &amp; de ventes</INTITULE>
  <NOMENCLATURE_EUROPE><NIVEAU>NIV5</NIVEAU></NOMENCLATURE_EUROPE>
  <CODES_NSF><NSF><CODE>312</CODE><INTITULE>Commerce</INTITULE></NSF></CODES_NSF>
  <BLOCS_COMPETENCES>
    <BLOC_COMPETENCES>
      <CODE>RNCP40123BC01</CODE>
      <LIBELLE>Piloter l'activité</LIBELLE>
      <LISTE_COMPETENCES>- Analyser son secteur ;
- Organiser les tournées
  C1.9 : Ouvrir des comptes</LISTE_COMPETENCES>
      <MODALITES_EVALUATION>Dossier

Entretien de 30 minutes</MODALITES_EVALUATION>
    </BLOC_COMPETENCES>
    <BLOC_COMPETENCES>
      <CODE>RNCP40123BC02</CODE>
      <LIBELLE>Animer</LIBELLE>
      <LISTE_COMPETENCES>&lt;p&gt;Recruter&lt;/p&gt;&lt;p&gt;• Former&lt;/p&gt;</LISTE_COMPETENCES>
    </BLOC_COMPETENCES>
  </BLOCS_COMPETENCES>
</FICHE></FICHES>"""


def test_a_fiche_of_the_rncp_becomes_a_draft_without_criteria(client, admin):
    client.force_login(admin)
    form = {"fiche-version": "1", "fiche-file": SimpleUploadedFile("fiche.xml", FICHE.encode())}
    response = client.post("/branche/referentiels/nouveau/fiche/", form)
    draft = Referentiel.objects.with_content().get(code="RNCP40123")
    assert response.headers["Location"] == f"/branche/referentiels/{draft.pk}/"
    assert (draft.title, draft.level, draft.nsf, draft.rncp_code) == (
        "Manager d'équipe & de ventes",
        5,
        "312",
        "RNCP40123",
    )
    first, second = read(draft)
    assert [(one.code, one.statement) for one in first.competences] == [
        ("C1.1", "Analyser son secteur"),
        ("C1.2", "Organiser les tournées"),
        ("C1.9", "Ouvrir des comptes"),
    ]
    assert (first.code, first.modality) == ("RNCP40123BC01", "Dossier\n\nEntretien de 30 minutes")
    assert [one.statement for one in second.competences] == ["Recruter", "Former"]
    page = client.get(response.headers["Location"]).content.decode()
    assert "Bloc 1, C1.1 : il manque des critères." in page


def test_one_fiche_of_several_is_named():
    two = FICHE.replace("</FICHES>", "<FICHE><NUMERO_FICHE>RNCP7</NUMERO_FICHE></FICHE></FICHES>").encode()
    assert read_fiche(io.BytesIO(two), "40123").number == "RNCP40123"
    for wanted, words in (("", "2 fiches"), ("RNCP7", "n'a pas de bloc"), ("RNCP8", "n'est pas dans ce fichier")):
        with pytest.raises(FicheRefused, match=words):
            read_fiche(io.BytesIO(two), wanted)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"<FICHES><FICHE>",
        b"<html></html>",
        b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><FICHES><FICHE><NUMERO_FICHE>&c;</NUMERO_FICHE></FICHE></FICHES>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><FICHES></FICHES>',
    ],
)
def test_what_is_not_the_export_is_refused(content):
    with pytest.raises(FicheRefused, match="n'est pas l'export XML du RNCP"):
        read_fiche(io.BytesIO(content))
