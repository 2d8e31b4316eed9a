"""What hands an application in, takes it back, or answers an observation; and the documents it leaves."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.merging import merge, overtaken
from companies.models import Event
from ecoeficiencia.errors import conflict
from ecoeficiencia.files.serving import serve
from ecoeficiencia.lifecycle import IllegalMove, Overtaken
from programs.forms.application import MendedForm, SeenForm, WithdrawForm
from programs.models import Application, ApplicationItem, ApplicationRevision

from .empresa_application import overview, read


def _mine(request, pk):
    return get_object_or_404(Application.objects.editable_by(request.user).for_page(), pk=pk)


def application_submit(request, pk):
    """Ask once more, then hand in. A second press finds it handed in and shows it."""
    application, today = _mine(request, pk), timezone.localdate()
    if application.state != "draft":
        return redirect("empresa:application", pk)
    checklist = application.checklist(today)
    missing = application.missing_to_submit(today, checklist)
    context = {"company": application.company, "application": application, "edition": application.edition}
    context |= {"missing": missing, "checklist": checklist}
    context["application_url"] = reverse("empresa:application", args=[pk])
    if request.method != "POST" or missing:
        status = 422 if request.method == "POST" else 200
        return render(request, "empresa/application_submit.html", context, status=status)
    try:
        application.submit(by=request.user, on=today)
    except IllegalMove as refusal:
        return _unless_done(request, pk, refusal, done="submitted")
    messages.success(request, _("Presentó su postulación. Expediente %(number)s.") % {"number": application.number})
    return redirect("empresa:application", pk)


def _unless_done(request, pk, refusal, done):
    """Two presses at once: the one that came late shows what the first one did."""
    if Application.objects.filter(pk=pk, state=done).exists():
        return redirect("empresa:application", pk)
    return conflict(request, str(refusal), back=reverse("empresa:application", args=[pk]))


def application_mend(request, pk):
    """Show point by point what goes back to PROMPERÚ, and hand it in once it is confirmed."""
    application, today, back = _mine(request, pk), timezone.localdate(), reverse("empresa:application", args=[pk])
    if application.state == "mended":
        return redirect(back)
    if application.state != "observed":
        return conflict(request, application.lock_sentence(), back=back)
    form = SeenForm(request.POST) if request.method == "POST" else None
    if form is None or not form.is_valid():
        return _summary(request, application, today, status=422 if form else 200)
    try:
        application.mend(by=request.user, on=today, **form.cleaned_data)
    except Overtaken as refusal:
        return _read_again(request, pk, refusal, today)
    except IllegalMove:
        return _summary(request, application, today, status=409)
    messages.success(request, _("Presentó su subsanación."))
    return redirect(back)


def _summary(request, application, on, *, status, warning=""):
    mending = application.mending(on)
    context = {"company": application.company, "application": application, "edition": application.edition}
    context |= {"mending": mending, "missing": application.missing_to_mend(on, mending=mending), "warning": warning}
    context |= {"form": SeenForm(initial={"seen": mending.seen})}
    context["application_url"] = reverse("empresa:application", args=[application.pk])
    return render(request, "empresa/application_mend.html", context, status=status)


def _read_again(request, pk, refusal, on):
    """What was confirmed is not what there is any more: the summary as it is now, or what a colleague did with it."""
    application = _mine(request, pk)
    if application.state != "observed":
        return _unless_done(request, pk, refusal, done="mended")
    return _summary(request, application, on, status=409, warning=str(refusal))


@require_POST
def application_item(request, pk):
    """Mark one observed point as mended, in the company's words; or, before it is handed in, take that back."""
    item, undo = _point(request, pk), request.POST.get("act") == "undo"
    application = item.application
    changed = undo or not application.needs_words(item, timezone.localdate())
    form = MendedForm(request.POST, item=item, changed=changed)
    if not form.is_valid() and application.state == "observed" and item.is_observed:
        return overview(request, read(request, application.pk), status=422, answered=form)
    act = application.take_back if undo else application.mark_mended
    try:
        act(item, by=request.user, **form.cleaned_data)
    except IllegalMove as refusal:
        return _answered_first(request, form, item, refusal, undo)
    said = _("Ya no está marcado como subsanado: %(item)s.") if undo else _("Marcó como subsanado: %(item)s.")
    messages.success(request, said % {"item": item.title})
    return redirect("empresa:application", application.pk)


def _point(request, pk):
    mine = ApplicationItem.objects.filter(application__in=Application.objects.editable_by(request.user))
    rows = mine.select_related("application__company", "application__edition", "site", "entry")
    return get_object_or_404(rows, pk=pk)


def _answered_first(request, form, item, refusal, undo):
    """A colleague answered first: both texts to choose from; nothing to choose when one only takes a mark back."""
    application = item.application
    if getattr(refusal, "record", None) == item and not undo:
        item.refresh_from_db()
        both = dict.fromkeys(["answer"])
        return merge(request, form, item, since=both, history=application, company=application.company)
    back = reverse("empresa:application", args=[application.pk])
    return overtaken(request, Overtaken(str(refusal), application), back=back, form=form)


@require_POST
def application_withdraw(request, pk):
    application = _mine(request, pk)
    form = WithdrawForm(request.POST)
    back = reverse("empresa:application", args=[pk])
    if not form.is_valid() and application.can_move("withdrawn"):
        return overview(request, read(request, pk), status=422, withdraw_form=form)
    try:
        application.withdraw(by=request.user, reason=form.cleaned_data.get("reason", ""))
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=back, form=form)
    messages.success(request, _("Retiró la postulación. Puede volver a postular mientras haya convocatoria."))
    return redirect(back)


@require_safe
def application_record(request, pk):
    """The PDF of one version handed in."""
    mine = Application.objects.followed_by(request.user)
    revision = get_object_or_404(ApplicationRevision.objects.filter(application__in=mine).exclude(record=None), pk=pk)
    name = f"{revision.application.number}-v{revision.number}.pdf"
    Event.note_reading(revision.application, name, by=request.user)
    return serve(request, revision.record, name, inline=True)
