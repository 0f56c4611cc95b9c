"""What an evaluator does before an interview: their own questions, and stepping aside."""

from django.core.exceptions import ValidationError
from django.db import transaction

from candidates.people.identity import tidy
from cqp.models import User
from evaluations.models import PersonalQuestion
from referentiel.models import Competence


def add_question(*, competence: Competence, text: str, by: User) -> PersonalQuestion:
    """Add a question to one's own bank. Raises ValidationError by field: nothing written, too long, there already."""
    return _save_question(PersonalQuestion(user=by), competence, text)


def change_question(*, question: PersonalQuestion, competence: Competence, text: str, by: User) -> PersonalQuestion:
    """Correct a question of one's own bank, or move it. Raises as `add_question` does; PermissionError."""
    _check_own(question, by)
    return _save_question(question, competence, text)


def remove_question(*, question: PersonalQuestion, by: User) -> None:
    """Take a question out of one's own bank. Raises PermissionError."""
    _check_own(question, by)
    question.delete()


def _check_own(question: PersonalQuestion, by: User) -> None:
    if question.user_id != by.pk:
        raise PermissionError("A bank of questions is its evaluator's alone.")


def _save_question(question: PersonalQuestion, competence: Competence, text: str) -> PersonalQuestion:
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
