"""A session's documents, and the publication of its results."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from candidates.models import Session
from cqp.documents.services import with_reference
from cqp.documents.views import document_response
from cqp.files.inspection import FileRefused
from cqp.models import User
from cqp.web.requests import PersonRequest
from cqp.workflow import TransitionRefused
from evaluations.documents.kinds import ATTESTATION, CERTIFICATE, LETTER, MINUTES, REPORT
from evaluations.jury.attendance import get_jury_rules
from evaluations.jury.queries import group_by_enrolment
from evaluations.models import Approval, Decision, SessionDocument, SignedMinutes
from evaluations.publication.formalities import keep_signed_minutes, note_approval
from evaluations.publication.forms import ApprovalForm, PublicationForm, SignedMinutesForm
from evaluations.publication.holdings import entitlement_of, held_before
from evaluations.publication.issuing import current_document, issue_minutes, session_cases, void_certificate
from evaluations.publication.services import missing_with, move_publication, publish

PER_PAGE = 50
# As they are looked for.
ORDER = (MINUTES, CERTIFICATE, ATTESTATION, LETTER, REPORT)


def _sessions(user: User) -> QuerySet[Session]:
    return Session.objects.administered_by(user).select_related("branch", "referentiel", "deliberation")


def document_rows(documents: QuerySet[SessionDocument]) -> QuerySet[SessionDocument]:
    """Return the documents without their bytes, which a list does not need."""
    return documents.select_related("document__superseded_by", "enrolment__candidate").defer(
        "document__bytes", "document__context", "document__superseded_by__bytes", "document__superseded_by__context"
    )


def in_order(documents: QuerySet[SessionDocument]) -> QuerySet[SessionDocument]:
    """The session's own first, then by kind and name, the latest first."""
    rank = Case(*(When(document__kind=kind.name, then=n) for n, kind in enumerate(ORDER)), default=len(ORDER))
    names = ("enrolment__candidate__birth_name", "enrolment__candidate__first_names")
    return documents.order_by(rank, *names, "-document__issued_at", "-pk")


@require_safe
def documents(request: PersonRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(_sessions(request.user), pk=pk))


def _page(
    request: HttpRequest,
    session: Session,
    *,
    refused: TransitionRefused | None = None,
    approval: ApprovalForm | None = None,
    signed: SignedMinutesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    sitting = session.state == Session.State.JURY
    present = current_document(session, MINUTES.name) if sitting else None
    copies = SignedMinutes.objects.filter(minutes__session=session).select_related(
        "scan", "minutes__document", "added_by"
    )
    context = {
        "minutes": present,
        "rules": get_jury_rules(session),
        "signed_copies": copies.defer("minutes__document__bytes", "minutes__document__context").order_by("-added_at"),
        "approved": Approval.objects.filter(session=session).select_related("minutes__document", "noted_by").first(),
        "approval_form": approval or (ApprovalForm(minutes=present) if present else None),
        "signed_form": signed or (SignedMinutesForm(minutes=present) if present else None),
        "session": session,
        "sitting": sitting,
        "refused": refused,
    }
    return render(request, "branch/publication/documents.html", context | _list(request, session), status=status)


def _list(request: HttpRequest, session: Session) -> dict[str, Any]:
    """The documents of the session, of a kind and a search: a page of them; how many there are, how many are ready."""
    nature, search = request.GET.get("nature", ""), " ".join(request.GET.get("q", "").split())[:100]
    ready = ~Q(document__sha256="") | Q(document__erased_at__isnull=False)
    of_kind = session.documents.order_by().values("document__kind")
    counts = of_kind.annotate(count=Count("pk"), made=Count("pk", filter=ready))
    by_kind = {row["document__kind"]: (row["count"], row["made"]) for row in counts}
    rows = document_rows(session.documents.all())
    if nature in by_kind:
        rows = rows.filter(document__kind=nature)
    if search:
        rows = rows.filter(Q(document__title__icontains=search) | with_reference(search, path="document__"))
    return {
        "page": Paginator(in_order(rows), PER_PAGE).get_page(request.GET.get("page")),
        "kinds": [(kind.name, kind.title, by_kind[kind.name][0]) for kind in ORDER if kind.name in by_kind],
        "nature": nature if nature in by_kind else "",
        "search": search,
        "total": sum(count for count, _ in by_kind.values()),
        "ready": sum(made for _, made in by_kind.values()),
    }


@require_POST
def minutes(request: PersonRequest, pk: int) -> HttpResponse:
    """Issue the procès-verbal. Asked again while nothing changed, the present one stays."""
    session = get_object_or_404(_sessions(request.user), pk=pk)
    try:
        issued = issue_minutes(session, request.user)
    except TransitionRefused as refused:
        return _page(request, session, refused=refused, status=409)
    messages.success(request, f"Le procès-verbal {issued.document.reference} est émis.")
    return redirect("branch:documents", pk)


def _minutes(request: PersonRequest, pk: int) -> SessionDocument:
    rows = SessionDocument.objects.filter(document__kind=MINUTES.name, session__in=_sessions(request.user))
    rows = rows.select_related("document", "session__branch", "session__referentiel", "session__deliberation")
    return get_object_or_404(rows.defer("document__bytes", "document__context"), pk=pk)


@require_POST
def approve(request: PersonRequest, pk: int) -> HttpResponse:
    """Note the CPNEFP's approval of a procès-verbal. 422 when the form is not complete, 409 when it is not to be noted."""
    session_minutes = _minutes(request, pk)
    form = ApprovalForm(request.POST, minutes=session_minutes)
    if not form.is_valid():
        return _page(request, session_minutes.session, approval=form, status=422)
    try:
        note_approval(session_minutes, by=request.user, **form.cleaned_data)
    except TransitionRefused as refused:
        return _page(request, session_minutes.session, refused=refused, approval=form, status=409)
    messages.success(request, f"L'approbation du procès-verbal {session_minutes.document.reference} est notée.")
    return redirect("branch:documents", session_minutes.session_id)


@require_POST
def signed(request: PersonRequest, pk: int) -> HttpResponse:
    """Keep the scan of a procès-verbal signed by hand. 422 for a file that is not a PDF."""
    session_minutes = _minutes(request, pk)
    form = SignedMinutesForm(request.POST, request.FILES, minutes=session_minutes)
    if not form.is_valid():
        return _page(request, session_minutes.session, signed=form, status=422)
    try:
        keep_signed_minutes(session_minutes, by=request.user, upload=form.cleaned_data["scan"])
    except FileRefused as bad:
        form.add_error("scan", bad.message)
        return _page(request, session_minutes.session, signed=form, status=422)
    except TransitionRefused as refused:
        return _page(request, session_minutes.session, refused=refused, signed=form, status=409)
    messages.success(request, f"Le procès-verbal {session_minutes.document.reference} signé est déposé.")
    return redirect("branch:documents", session_minutes.session_id)


@require_POST
def void(request: PersonRequest, pk: int) -> HttpResponse:
    """Void a certificate, with or without a new one; 409 when it is not to be."""
    rows = SessionDocument.objects.select_related("session", "enrolment", "document").defer("document__bytes")
    certificate = get_object_or_404(rows, pk=pk, session__in=_sessions(request.user), enrolment__isnull=False)
    session = get_object_or_404(_sessions(request.user), pk=certificate.session_id)
    again = request.POST.get("again") == "1"
    try:
        issued = void_certificate(
            certificate, reason=request.POST.get("reason", "")[:500], again=again, by=request.user
        )
    except TransitionRefused as refused:
        return _page(request, session, refused=refused, status=409)
    replacement = f" Le certificat {issued.document.reference} le remplace." if again else ""
    messages.success(request, f"Le certificat {certificate.document.reference} est annulé.{replacement}")
    return redirect(f"{reverse('branch:documents', args=[session.pk])}?nature={CERTIFICATE.name}")


@require_http_methods(["GET", "HEAD", "POST"])
def publication(request: PersonRequest, pk: int) -> HttpResponse:
    """Say what publishing does, then do it. 409 when something is missing or it is already done."""
    session = get_object_or_404(_sessions(request.user), pk=pk)
    if request.method != "POST":
        return _publication_page(request, session)
    form = PublicationForm(request.POST, session=session, label="Publier les résultats")
    if not form.is_valid():
        return _publication_page(request, session, form=form, status=422)
    at = form.cleaned_data["at"]
    try:
        if session.state == Session.State.DECIDED and not session.is_published:
            move_publication(session, by=request.user, at=at)
        else:
            publish(session, by=request.user, at=at)
    except TransitionRefused as refused:
        session.refresh_from_db()
        return _publication_page(request, session, refused=refused, form=form, status=409)
    later = at is not None and at > timezone.now()
    message = "Les résultats paraîtront à l'heure dite." if later else "Les résultats sont publiés."
    messages.success(request, f"{message} Les documents se préparent.")
    return redirect("branch:documents", pk)


def _publication_page(
    request: HttpRequest,
    session: Session,
    *,
    refused: TransitionRefused | None = None,
    form: PublicationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    cases = session_cases(session)
    groups, holdings = group_by_enrolment(cases), held_before(session)
    sitting = session.state == Session.State.JURY
    context = {
        "session": session,
        "sitting": sitting,
        "refused": refused,
        "form": form or PublicationForm(session=session, label="Publier les résultats"),
        "waiting": session.state == Session.State.DECIDED and not session.is_published,
        "missing": missing_with(session, cases) if sitting else [],
        "minutes": current_document(session, MINUTES.name),
        "reports": len(groups),
        "certificates": sum(entitlement_of(session, group, holdings).is_due for group in groups.values()),
        "held": sum(case.decision is not None and case.decision.outcome == Decision.Outcome.ACQUIRED for case in cases),
        "mails": sum(group[0].enrolment_bloc.enrolment.candidate.user_id is not None for group in groups.values()),
    }
    return render(request, "branch/publication/publication.html", context, status=status)


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A document of the branch's sessions."""
    session_document = find_document(SessionDocument.objects.administered_by(request.user), pk)
    return download(request, session_document, back=reverse("branch:documents", args=[session_document.session_id]))


def find_document(documents: QuerySet[SessionDocument], pk: int) -> SessionDocument:
    return get_object_or_404(documents.select_related("document"), pk=pk)


def download(request: HttpRequest, session_document: SessionDocument, *, back: str) -> HttpResponse:
    return document_response(request, session_document.document, back=back)
