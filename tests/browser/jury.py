"""Sets the scene of a jury of sixty, in a process of the site."""

import datetime as dt
from typing import Any

from tests.browser.scene import PASSWORD

CANDIDATES = 60
RULES = {"minimum_members": 3, "minimum_per_college": 1, "presidency": "employers", "tie": "president"}


def set_scene() -> dict[str, Any]:
    """Return `{"session", "admin", "jurors", "names"}`."""
    from candidates.models import Affiliation, Enrolment, HeldBloc, Organisation
    from candidates.sessions.services import set_jury_rules
    from cqp.models import User
    from referentiel.models import Referentiel
    from tests import factories as make
    from tests.evaluations.jury.scene import add_candidate, make_scene

    scene = make_scene(Referentiel.objects.with_content().get(code="CQP-MEV-B2B"), candidates=0)
    scene.jurors += [make.make_juror(scene.session), make.make_juror(scene.session, college="employees")]
    scene.jurors[0].is_qualified = True
    scene.jurors[0].save()
    set_jury_rules(session=scene.session, by=scene.admin, rules=RULES)
    names = ["Divergente", "Recusée", "Vaé", "Papier"]
    for number in range(CANDIDATES):
        name = names[number] if number < len(names) else f"Candidat{number:02d}"
        candidate = make.make_candidate(scene.session.branch, birth_name=name)
        kinds = {"divergence": True} if name == "Divergente" else {"level": 0 if number % 10 == 9 else 2}
        add_candidate(scene, blocs=[1], candidate=candidate, **kinds)
    of = {enrolment.candidate.birth_name: enrolment for enrolment in scene.enrolments}
    employer = Organisation.objects.create(branch=scene.session.branch, kind="employer", name="Comptoir des Métiers")
    Affiliation.objects.create(user=scene.jurors[2].user, organisation=employer)
    Enrolment.objects.filter(pk=of["Recusée"].pk).update(employer=employer)
    Enrolment.objects.filter(pk=of["Vaé"].pk).update(access_route="vae")
    for number in (2, 3):
        HeldBloc.objects.create(
            candidate=of["Papier"].candidate,
            bloc=scene.session.referentiel.blocs.get(number=number),
            source="external",
            obtained_on=dt.date(2023, 5, 2),
            proof="Livret de 2023, armoire 4",
        )
    people = [scene.admin, *(juror.user for juror in scene.jurors)]
    for person in people:
        person.set_password(PASSWORD)
    User.objects.bulk_update(people, ["password"])
    told = {"session": scene.session.pk, "admin": people[0].email, "jurors": [one.email for one in people[1:]]}
    return told | {"names": [str(juror.user) for juror in scene.jurors]}
