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
from programs.forms.application import MendedForm, WithdrawForm
from programs.models import Application, ApplicationItem, ApplicationRevision


def _mine(request, pk):
    return get_object_or_404(Application.objects.editable_by(request.user).for_page(), pk=pk)


def application_submit(request, pk):
    """Ask once more, then hand in. A second press finds it handed in and shows it."""
    application, today = _mine(request, pk), timezone.localdate()
    if application.state != "draft":
        return redirect("empresa:application", pk)
    missing = application.missing_to_submit(today)
    context = {"company": application.company, "application": application, "edition": application.edition}
    context |= {"missing": missing, "checklist": application.checklist(today)}
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


@require_POST
def application_mend(request, pk):
    application = _mine(request, pk)
    if application.state == "mended":
        return redirect("empresa:application", pk)
    try:
        application.mend(by=request.user, on=timezone.localdate())
    except IllegalMove as refusal:
        return _unless_done(request, pk, refusal, done="mended")
    messages.success(request, _("Presentó su subsanación."))
    return redirect("empresa:application", pk)


@require_POST
def application_item(request, pk):
    """Mark one observed point as mended, in the company's words."""
    item = get_object_or_404(
        ApplicationItem.objects.filter(application__in=Application.objects.editable_by(request.user)).select_related(
            "application__company", "application__edition", "site"
        ),
        pk=pk,
    )
    back = reverse("empresa:application", args=[item.application_id])
    form = MendedForm.of(item, request.POST)
    if not form.is_valid():
        return conflict(request, " ".join(form.errors["answer"]), back=back, status=422)
    try:
        item.application.mark_mended(item, by=request.user, **form.cleaned_data)
    except Overtaken as refusal:
        if refusal.record == item:
            item.refresh_from_db()
            both, company = dict.fromkeys(["answer"]), item.application.company
            return merge(request, form, item, since=both, history=item.application, company=company)
        return overtaken(request, refusal, back=back, form=form)
    messages.success(request, _("Marcó como subsanado: %(item)s.") % {"item": item.title})
    return redirect(back)


@require_POST
def application_withdraw(request, pk):
    application = _mine(request, pk)
    form = WithdrawForm(request.POST)
    back = reverse("empresa:application", args=[pk])
    if not form.is_valid():
        return conflict(request, " ".join(form.errors["reason"]), back=back, status=422)
    try:
        application.withdraw(by=request.user, reason=form.cleaned_data["reason"])
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
