"""An evaluator's own bank of questions, by competence, from session to session."""

from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from evaluations.forms.preparation import QuestionForm
from evaluations.models import PersonalQuestion
from evaluations.services.preparation import remove_question
from evaluations.views.evaluator.access import get_assignment


@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest) -> HttpResponse:
    """The bank, and a form that adds to it. `interview` in the post: the preparation page to go back to."""
    back = _back(request)
    form = QuestionForm(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid() and (question := form.save()):
        messages.success(request, f"La question est dans votre banque, sur {question.competence.code}.")
        return redirect(f"{back}#competence-{question.competence_id}")
    mine = request.user.personal_questions.select_related("competence__activity__bloc__referentiel").order_by(
        "competence__activity__bloc__referentiel",
        "competence__activity__bloc__number",
        "competence__activity__position",
        "competence__position",
        "pk",
    )
    context = {
        "form": form,
        "competences": [(one, list(group)) for one, group in groupby(mine, key=lambda question: question.competence)],
    }
    return render(request, "evaluator/questions.html", context, status=422 if form.is_bound else 200)


def _back(request: HttpRequest) -> str:
    """Return the page that a question was added from. Raises Http404 for an interview that is not theirs."""
    interview = request.POST.get("interview", "")
    if not (interview.isascii() and interview.isdigit() and len(interview) < 10):
        return reverse("evaluator:questions")
    return reverse("evaluator:prepare", args=[get_assignment(request.user, int(interview)).interview_id])


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own question, to correct or to move to another competence."""
    found = _own(request, pk)
    form = QuestionForm(request.POST if request.method == "POST" else None, by=request.user, question=found)
    if form.is_valid() and form.save():
        messages.success(request, "La question est enregistrée.")
        return redirect("evaluator:questions")
    context = {"form": form, "question": found}
    return render(request, "evaluator/question.html", context, status=422 if form.is_bound else 200)


@require_POST
def delete_question(request: HttpRequest, pk: int) -> HttpResponse:
    remove_question(question=_own(request, pk), by=request.user)
    messages.success(request, "La question n'est plus dans votre banque.")
    return redirect("evaluator:questions")


def _own(request: HttpRequest, pk: int) -> PersonalQuestion:
    mine = request.user.personal_questions.select_related("user", "competence__activity__bloc__referentiel")
    return get_object_or_404(mine, pk=pk)
