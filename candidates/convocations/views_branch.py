"""Who was told where and when to come: all at once, those chosen, those whose plan has changed since."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from candidates.convocations.queries import Person, convocation_context, read_people
from candidates.convocations.services import convocation_pdf, convoke
from candidates.sessions.queries import administered_session
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response

STATE_LABELS = {
    "none": ("later", "pas d'entretien"),
    "unreachable": ("late", "sans adresse : à compléter"),
    "to send": ("unsigned", "à convoquer"),
    "changed": ("late", "planning changé, à renvoyer"),
    "failed": ("failed", "le courriel n'est pas parti"),
    "sending": ("queued", "envoi en cours"),
    "sent": ("sent", "convoqué(e)"),
}


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    people = read_people(session)
    context = {
        "session": session,
        "groups": [
            ("Candidats", [_row(person) for person in people if person.is_candidate]),
            ("Évaluateurs", [_row(person) for person in people if not person.is_candidate]),
        ],
        "due": sum(person.is_due for person in people),
        "sending": sum(person.state == "sending" for person in people),
        "sent": sum(person.state == "sent" for person in people),
    }
    return render(request, "branch/convocations/convocations.html", context)


def _row(person: Person) -> tuple[Person, str, str]:
    return (person, *STATE_LABELS[person.state])


@require_POST
def send(request: PersonRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    chosen = request.POST.getlist("who")
    if request.POST.get("all") != "1" and not chosen:
        messages.error(request, "Cochez au moins une personne.")
        return redirect("branch:convocations", pk)
    try:
        count = convoke(session=session, by=request.user, only=None if request.POST.get("all") == "1" else set(chosen))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        plural = "s" if count > 1 else ""
        messages.success(request, f"{count} convocation{plural} part{'ent' if plural else ''} par courriel.")
    return redirect("branch:convocations", pk)


@require_GET
def preview(request: HttpRequest, pk: int, who: str) -> HttpResponse:
    """The PDF that a person would receive now."""
    person = next((person for person in read_people(administered_session(request, pk)) if person.key == who), None)
    if person is None or not person.events:
        raise Http404
    content = convocation_pdf(convocation_context(person), person.sent, person.session)
    return file_response(content, "application/pdf", "convocation.pdf", inline=True)
