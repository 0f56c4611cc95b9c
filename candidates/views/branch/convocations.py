"""Who was told where and when to come: all at once, those chosen, those whose plan has changed since."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from candidates.convocations import Person, letter, read_people
from candidates.services.convocations import convocation_pdf, convoke
from candidates.views.branch.sessions import administered_session
from cqp.responses import file_response

WORDS = {
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
            ("Candidats", [_row(one) for one in people if one.is_candidate]),
            ("Évaluateurs", [_row(one) for one in people if not one.is_candidate]),
        ],
        "due": sum(one.is_due for one in people),
        "sending": sum(one.state == "sending" for one in people),
        "sent": sum(one.state == "sent" for one in people),
    }
    return render(request, "branch/convocations.html", context)


def _row(person: Person) -> tuple[Person, str, str]:
    return (person, *WORDS[person.state])


@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
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
    person = next((one for one in read_people(administered_session(request, pk)) if one.key == who), None)
    if person is None or not person.events:
        raise Http404
    return file_response(convocation_pdf(letter(person)), "application/pdf", "convocation.pdf", inline=True)
