"""The address of a candidate's account changes: it is what opens their space."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from candidates.models import Candidate, Enrolment, Invitation
from candidates.people.accounts import clean_address, find_account, has_another_role
from candidates.sessions.services import administered
from cqp.accounts.logins import end_logins
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User

OUTDATED = "l'adresse a changé depuis"


def change_address(*, enrolment: Enrolment, by: User, email: str) -> User:
    """Give a candidate's account another address and return it. The person is told at both.

    Whoever holds the old address must not keep a way in: sessions end, the password and the passkeys are dropped, links
    already sent no longer serve. Raises ValidationError by field, also when the account has another role than candidate
    of this branch (it would be handed over with the address), and PermissionError.
    """
    email = clean_address(email)
    with transaction.atomic():
        session = administered(enrolment.session, by)
        candidate = Candidate.objects.select_for_update().get(pk=enrolment.candidate_id)
        if candidate.user is None:
            raise ValidationError({"email": f"{candidate} n'a pas de compte."})
        user = User.objects.select_for_update().get(pk=candidate.user.pk)
        old = user.email
        if email == old:
            raise ValidationError({"email": "C'est déjà son adresse : rien n'a changé."})
        if find_account(email):
            message = "Cette adresse est celle d'un autre compte : demandez-en une qui soit propre à cette personne."
            raise ValidationError({"email": message})
        if has_another_role(user, candidate):
            message = (
                f"Le compte de {candidate} n'est pas seulement celui d'un candidat de votre branche : il a aussi un autre "
                "rôle. Demandez ce changement à l'administrateur du site."
            )
            raise ValidationError({"email": message})
        user.email = email
        user.set_unusable_password()
        user.save(update_fields=["email", "password"])
        end_logins(user)
        EmailAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        Invitation.objects.filter(enrolment__candidate=candidate, used_at=None).update(error=OUTDATED)
        journal.record(enrolment.stream, "enrolment.address_changed", {"from": old, "to": email}, by=by)
        context = {
            "name": candidate.display_name,
            "branch": session.branch.name,
            "telephone": session.branch.telephone,
            "email": session.branch.email,
            "path": reverse("account_request_login_code"),
        }
        outbox.queue_mail("address_left", old, context, **session.mail_scope)
        outbox.queue_mail("address_taken", email, context, **session.mail_scope)
    return user
