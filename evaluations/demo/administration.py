"""What the administrator has at hand: a spreadsheet of candidates, rooms, a plan searched for, a version being written."""

from dataclasses import replace

from candidates.imports.services import start_import
from candidates.models import Import, Session
from candidates.planning.search_runs import ask_plan
from candidates.planning.setup import add_room
from cqp.models import User
from referentiel.drafts.content import read
from referentiel.drafts.services import create_draft, write_bloc
from referentiel.models import Referentiel

SPREADSHEET = """\
Inscriptions du centre Formavente;;;;;;;
;;;;;;;
Civilité;Nom;Prénom;Né(e) le;Mail;Société;Dispositif;Remarque
Mme;d'Ornano-Le Bœuf;Zoé;03/11/1988;zoe.dornano@demo.example;METRO Bron;Formation continue;
M.;Nguyễn;Văn An;3-11-88;an.nguyen@demo.example;Transgourmet;VAE;arrive tard
Mme;Petit;Jeanne;31/02/1990;jeanne.petit@;Promocash;Formation continue;
M.;Roy;;12/04/1888;hugo.roy@demo.example;;bouche à oreille;
Mme;Haddad;Inès;18/04/1994;i.haddad@demo.example;Promocash;VAE;déjà venue ?
"""


def prepare_plan(session: Session, by: User) -> None:
    """Rooms, a reserve, and a plan that is being searched for: the worker finds it when the demonstration starts."""
    for name, access in (("Salle Cassin", "2e étage, ascenseur"), ("Salle Veil", "Rez-de-chaussée")):
        add_room(session=session, by=by, name=name, access=access)
    add_room(session=session, by=by, name="Visioconférence", is_remote=True, link="https://visio.example/printemps")
    ask_plan(session=session, by=by)


def send_spreadsheet(session: Session, by: User) -> Import:
    content = SPREADSHEET.encode("utf-8-sig")
    return start_import(session=session, kind="candidates", name="Formavente printemps.csv", content=content, by=by)


def begin_version(referentiel: Referentiel, by: User) -> Referentiel:
    """Version 2, begun: an interview of 40 minutes, a criterion said otherwise."""
    made = create_draft(
        branch=referentiel.branch,
        code=referentiel.code,
        version="2",
        title=referentiel.title,
        by=by,
        based_on=Referentiel.objects.with_content().get(pk=referentiel.pk),
    )
    draft = Referentiel.objects.with_content().get(pk=made.pk)
    bloc, content = draft.blocs.all()[0], read(draft)[0]
    activity, *activities = content.activities
    competence, *competences = activity.competences
    first, *criteria = competence.criteria
    changed = replace(competence, criteria=(f"{first}, sources citées", *criteria))
    activity = replace(activity, competences=(changed, *competences))
    content = replace(content, interview_minutes=40, activities=(activity, *activities))
    write_bloc(bloc=bloc, content=content, seen=read(draft)[0].digest, by=by)
    return draft
