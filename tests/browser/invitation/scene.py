"""The candidate who was invited, and the shell's words that invite her."""

LEA = "lea@example.org"
MAKE = """
from django.core.management import call_command
from cqp.models import User
from candidates.enrolments.invitations import invite
from referentiel.models import Branch, Referentiel
from tests.factories import make_admin, make_candidate, make_enrolment, make_session
branch = Branch.objects.get()
branch.telephone = "01 02 03 04 05"
branch.save()
session = make_session(Referentiel.objects.get(), title="Session d'automne")
lea = User.objects.create_user("lea@example.org", first_name="Léa", last_name="N'Guessan")
enrolment = make_enrolment(session, candidate=make_candidate(branch, user=lea))
invite(enrolment=enrolment, by=make_admin(branch))
"""
