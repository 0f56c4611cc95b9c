"""The branch's answer to a wish for a measure: the proof seen, the wish granted or refused."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import get_text_list
from django.views.decorators.http import require_POST

from candidates.forms.accommodation import AnswerForm, GrantForm, ProofForm, RefuseForm
from candidates.models import AccommodationWish, Enrolment
from candidates.services.accommodation import to_replan
from candidates.views.branch.enrolments import administered_enrolment, enrolment_page

SAID = {
    ProofForm: "Le justificatif est noté comme vu.",
    GrantForm: "La mesure est accordée. Le candidat en est prévenu.",
    RefuseForm: "La demande est refusée. Le candidat en est prévenu.",
}


@require_POST
def answer(request: HttpRequest, pk: int, form_class: type[AnswerForm]) -> HttpResponse:
    """Do one of the three things. 302 to the enrolment; else its page with the form and its errors, 409."""
    wishes = AccommodationWish.objects.administered_by(request.user)
    wish = get_object_or_404(wishes.select_related("enrolment__session__branch"), enrolment=pk)
    form = form_class(request.POST, by=request.user, enrolment=wish.enrolment)
    if not (form.is_valid() and form.save()):
        return enrolment_page(request, administered_enrolment(request, pk), answering=form)
    messages.success(request, SAID[form_class])
    if form_class is GrantForm:
        _warn(request, wish.enrolment)
    return redirect("branch:enrolment", pk)


def _warn(request: HttpRequest, enrolment: Enrolment) -> None:
    if moved := to_replan(enrolment):
        blocs = get_text_list([f"bloc {one.enrolment_bloc.bloc.number}" for one in moved], "et")
        messages.warning(request, f"Un entretien planifié n'a plus la bonne durée, replanifiez-le : {blocs}.")
