"""What was mailed about a session, to be read and sent again; candidates' codes and links are masked."""

from collections import Counter

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from candidates.models import Session
from candidates.sessions.queries import administered_session
from cqp.mail.outbox import send_again
from cqp.models import Mail

PER_PAGE = 50


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    every = Mail.objects.filter(about=session.mail_scope["about"])
    counts = Counter(dict(every.order_by().values_list("state").annotate(Count("pk"))))
    state, search = request.GET.get("etat", ""), " ".join(request.GET.get("q", "").split())[:100]
    mails = every.filter(state=state) if state in Mail.State.values else every
    if search:
        mails = mails.filter(Q(to__icontains=search) | Q(subject__icontains=search) | Q(body__icontains=search))
    context = {
        "session": session,
        "page": Paginator(mails.defer("context"), PER_PAGE).get_page(request.GET.get("page")),
        "search": search,
        "chosen": state,
        "states": [("", "Tous", sum(counts.values()))]
        + [(option.value, option.label.capitalize(), counts[option.value]) for option in Mail.State],
    }
    return render(request, "branch/board/mails.html", context)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    mail = get_object_or_404(Mail.objects.administered_by(request.user), pk=pk, about__startswith=Session.STREAM_PREFIX)
    if mail.state == Mail.State.FAILED and mail.template:
        send_again(mail)
        messages.success(request, f"Le courriel à {mail.to} repart.")
    else:
        messages.info(request, "Ce courriel n'est pas à renvoyer.")
    return redirect("branch:mails", int(mail.about.partition(":")[2]))
