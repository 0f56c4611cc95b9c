"""What an evaluator does before an interview: their own questions, and stepping aside."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from candidates.models import Assignment, Interview, Session
from candidates.services.declining import decline
from candidates.services.identity import tidy
from cqp.models import User
from evaluations.models import PersonalQuestion, ScoringSheet
from referentiel.models import Competence


def add_question(*, competence: Competence, text: str, by: User) -> PersonalQuestion:
    """Add a question to one's own bank. Raises ValidationError by field: nothing written, too long, there already."""
    return _keep(PersonalQuestion(user=by), competence, text)


def change_question(*, question: PersonalQuestion, competence: Competence, text: str, by: User) -> PersonalQuestion:
    """Correct a question of one's own bank, or move it. Raises as `add_question` does; PermissionError."""
    _check_own(question, by)
    return _keep(question, competence, text)


def remove_question(*, question: PersonalQuestion, by: User) -> None:
    """Take a question out of one's own bank. Raises PermissionError."""
    _check_own(question, by)
    question.delete()


def _check_own(question: PersonalQuestion, by: User) -> None:
    if question.user_id != by.pk:
        raise PermissionError("A bank of questions is its evaluator's alone.")


def _keep(question: PersonalQuestion, competence: Competence, text: str) -> PersonalQuestion:
    question.competence, question.text = competence, tidy(text.replace("\x00", ""))
    with transaction.atomic():
        # One's own row is the lock of one's bank: a double click adds once.
        User.objects.select_for_update().get(pk=question.user_id)
        same = PersonalQuestion.objects.filter(user=question.user_id, competence=competence, text__iexact=question.text)
        if same.exclude(pk=question.pk).exists():
            raise ValidationError({"text": f"Cette question est déjà dans votre banque, sur {competence.code}."})
        question.full_clean(validate_unique=False, validate_constraints=False)
        question.save()
    return question


def decline_interview(*, assignment: Assignment, ground: str, reason: str, by: User) -> Assignment:
    """Step aside from an interview, as `decline`, as long as one's sheet holds nothing. Raises as it does."""
    with transaction.atomic():
        Session.objects.select_for_update(of=("self",)).get(appointments=assignment.appointment_id)
        Interview.objects.select_for_update(of=("self",)).get(pk=assignment.interview_id)
        # A save under way ends first; one that comes after finds that the interview is no longer theirs.
        list(_filled_by(assignment).select_for_update(of=("self",)).order_by("pk"))
        if refusal := decline_refusal(assignment):
            raise ValidationError(refusal)
        return decline(assignment=assignment, ground=ground, reason=reason, by=by)


def decline_refusal(assignment: Assignment) -> str:
    """Return why the evaluator can no longer step aside, and what to do; "" while they can."""
    if _filled_by(assignment).filter(content_seq__gt=0).exists():
        return (
            "Vous avez commencé à noter : vos saisies sont des preuves, vous ne pouvez plus vous récuser ici. Appelez la "
            "branche : elle peut donner votre place à un autre évaluateur, et vos saisies seront conservées."
        )
    return ""


def _filled_by(assignment: Assignment) -> QuerySet[ScoringSheet]:
    """Return the sheets that the evaluator may have filled: their own, and the joint one."""
    return ScoringSheet.objects.filter(Q(assignment=assignment) | Q(assignment=None), interview=assignment.interview_id)
