"""The sworn statement at the company's door: its words, the two ways to sign it, and the files of both."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from companies.models import Company, Event
from ecoeficiencia.errors import conflict
from ecoeficiencia.files.serving import serve
from ecoeficiencia.lifecycle import IllegalMove
from programs import sworn_statement
from programs.forms.signing import SignedOutsideForm
from programs.models import Application, Signature, StatementCopy
from programs.models.signing import name_of_version

from . import signing


def statement_page(request, application, on):
    """What the section «Declaración jurada» shows besides what every section does."""
    mandate = application.company.mandate_on(on)
    sites = application.sworn_sites()
    words = sworn_statement.words(application.company, application.edition, mandate, sites) if mandate else ""
    digest = sworn_statement.digest(words)
    return {
        "mandate": mandate,
        "text_name": capfirst(name_of_version(sworn_statement.VERSION)),
        "signature": application.statement_signature(mandate, sites),
        "lapsed": application.lapsed_signature(mandate, sites),
        "copy": application.statement_copy(words),
        "may_sign": Company.objects.represented_by(request.user).filter(pk=application.company_id).exists(),
        "outside_form": SignedOutsideForm(),
        **signing.on_screen(request, application, "sworn_statement", words, digest),
    }


def act(request, application, *, page, here):
    """One of the acts of the page: ask for the code, sign, have it printed, bring it signed."""
    acts = {"code": _ask, "sign": _sign, "print": _print, "upload": _upload}
    chosen = acts.get(request.POST.get("act"))
    if chosen is None:
        raise Http404
    return chosen(request, application, page, here)


def _signable(request, application):
    """Only who represents the company accepts the sworn statement; to others this page has no such act."""
    get_object_or_404(Application.objects.signable_by(request.user), pk=application.pk)


def _ask(request, application, page, here):
    _signable(request, application)
    return signing.ask_code(request, application.ask_statement_code, page=page, back=here)


def _sign(request, application, page, here):
    _signable(request, application)
    to = reverse("empresa:application", args=[application.pk])
    said = _("Firmó la declaración jurada.")
    answer = signing.sign(request, application.sign_statement, page=page, back=here, said=said, to=to)
    if answer.status_code < 400:
        application.note_section("declaracion", by=request.user, on=timezone.localdate())
    return answer


def _print(request, application, page, here):
    try:
        application.print_statement(by=request.user, on=timezone.localdate())
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=here)
    messages.success(request, _("Estamos preparando el PDF. Tarda menos de un minuto."))
    return redirect(here)


def _upload(request, application, page, here):
    form = SignedOutsideForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(status=422, outside_form=form)
    today = timezone.localdate()
    try:
        application.upload_statement(form.cleaned_data["file"], by=request.user, on=today)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=here)
    application.note_section("declaracion", by=request.user, on=today)
    messages.success(request, _("Recibimos la declaración firmada. PROMPERÚ la revisará con la postulación."))
    return redirect(here)


@require_safe
def statement_copy(request, pk):
    """The printed words of the statement, to be signed outside."""
    copy = get_object_or_404(StatementCopy.objects.visible_to(request.user).exclude(pdf=None), pk=pk)
    return serve(request, copy.pdf, f"declaracion-jurada-{copy.application_id}-para-firmar.pdf", inline=True)


@require_safe
def signed_file(request, pk):
    """What shows a signature: the file that was brought, or the one printed with its evidence."""
    rows = Signature.objects.visible_to(request.user).select_related("pdf", "signed_copy", "application__company")
    row = get_object_or_404(rows, pk=pk)
    if row.document is None:
        raise Http404
    name = row.filename or f"declaracion-jurada-{row.application_id}.pdf"
    Event.note_reading(row.application, name, by=request.user)
    return serve(request, row.document, name, inline="descargar" not in request.GET)
