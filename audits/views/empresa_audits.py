"""The company's door: its audits, the plan it accepts, and the nonconformities it answers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.forms.audit import ReasonForm
from audits.forms.nonconformity import ActionForm, AnswerForm, FinishForm
from audits.models import Audit, Check, CorrectiveAction, NonConformity
from audits.models.answering import with_terms
from companies.merging import as_seen, is_stale, merge, overtaken
from companies.models import Company
from companies.timeline import Timeline
from ecoeficiencia.files.serving import serve
from ecoeficiencia.lifecycle import IllegalMove

from .acts import attempt


@require_safe
def audits(request, company):
    company = get_object_or_404(Company.objects.belonging_to(request.user), pk=company)
    found = NonConformity.objects.visible_to(request.user).filter(audit__participation__company=company)
    context = {
        "company": company,
        "audits": Audit.objects.visible_to(request.user).filter(participation__company=company).for_list(),
        "nonconformities": with_terms(found.open().for_list(), timezone.localdate()),
    }
    return render(request, "empresa/audits.html", context)


@require_safe
def audit(request, pk):
    audit = get_object_or_404(Audit.objects.of_members(request.user).for_list(), pk=pk)
    return render(request, "empresa/audit.html", _audit_page(request, audit))


@require_POST
def agree(request, pk):
    audit = as_seen(get_object_or_404(Audit.objects.editable_by(request.user), pk=pk), request.POST)
    said = _("Plan aceptado. El equipo auditor ya lo sabe.")
    return attempt(request, audit.agree, said=said, back=reverse("empresa:audit", args=[pk]))


@require_POST
def ask_change(request, pk):
    audit = as_seen(get_object_or_404(Audit.objects.editable_by(request.user).for_list(), pk=pk), request.POST)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render(request, "empresa/audit.html", _audit_page(request, audit, change_form=form), status=422)
    said = _("Pidió un cambio del plan. El equipo auditor le propondrá otro.")
    return attempt(request, audit.ask_change, said=said, back=reverse("empresa:audit", args=[pk]), form=form)


def nonconformity(request, pk):
    """Read it; write the answer; hand it in with the second button."""
    if request.method != "POST":
        nc = get_object_or_404(NonConformity.objects.of_members(request.user).for_page(), pk=pk)
        return render(request, "empresa/nonconformity.html", _page(request, nc))
    nc = get_object_or_404(NonConformity.objects.editable_by(request.user).for_page(), pk=pk)
    form = AnswerForm(request.POST, instance=NonConformity.objects.get(pk=pk))
    if not form.is_valid():
        return render(request, "empresa/nonconformity.html", _page(request, nc, form=form), status=422)
    if nc.is_answerable and is_stale(form, nc):
        return merge(request, form, nc, company=nc.audit.participation.company)
    form.cleaned_data.pop("version")
    return _answer(request, nc, form)


@require_POST
def add_action(request, pk):
    nc = get_object_or_404(NonConformity.objects.editable_by(request.user).for_page(), pk=pk)
    form = ActionForm(request.POST, prefix="action")
    if not form.is_valid():
        return render(request, "empresa/nonconformity.html", _page(request, nc, action_form=form), status=422)
    back = reverse("empresa:nonconformity", args=[pk]) + "#acciones"
    return attempt(request, nc.add_action, said=_("Acción añadida."), back=back, form=form)


@require_POST
def remove_action(request, pk):
    action = get_object_or_404(CorrectiveAction.objects.editable_by(request.user), pk=pk)
    back = reverse("empresa:nonconformity", args=[action.nonconformity_id]) + "#acciones"
    return attempt(request, action.nonconformity.remove_action, said=_("Acción quitada."), back=back, action=action)


def finish_action(request, pk):
    action = get_object_or_404(CorrectiveAction.objects.editable_by(request.user), pk=pk)
    nc, company = action.nonconformity, action.nonconformity.audit.participation.company
    form = FinishForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        back = reverse("empresa:nonconformity", args=[nc.pk]) + "#acciones"
        return attempt(request, nc.finish_action, said=_("Acción terminada."), back=back, action=action, form=form)
    context = {"company": company, "nc": nc, "action": action, "form": form, "nav_current": "audits"}
    return render(request, "empresa/action.html", context, status=422 if request.method == "POST" else 200)


@require_safe
def action_file(request, pk):
    actions = CorrectiveAction.objects.of_members(request.user).exclude(blob=None)
    action = get_object_or_404(actions.select_related("blob"), pk=pk)
    return serve(request, action.blob, action.filename, inline=True)


def _answer(request, nc, form):
    back = reverse("empresa:nonconformity", args=[nc.pk])
    try:
        nc.save_answer(by=request.user, **form.cleaned_data)
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=back, form=form)
    if request.headers.get("X-Requested-With") == "autosave":
        return HttpResponse(status=204, headers={"X-Version": nc.version})
    if "send" not in request.POST:
        return redirect(back)
    if nc.missing_to_answer():
        context = _page(request, nc, refused=nc.missing_to_answer())
        return render(request, "empresa/nonconformity.html", context, status=422)
    said = _("Respuesta enviada. Le toca al equipo auditor.")
    return attempt(request, nc.answer, said=said, back=back)


def _audit_page(request, audit, **forms):
    found = NonConformity.objects.visible_to(request.user).filter(audit=audit)
    return {
        "company": audit.participation.company,
        "participation": audit.participation,
        "audit": audit,
        "editable": Audit.objects.editable_by(request.user).filter(pk=audit.pk).exists(),
        "team": audit.team.present().select_related("user"),
        "sites": audit.scope.sites.select_related("district"),
        "nonconformities": with_terms(found.for_list(), timezone.localdate()),
        "remarks": Check.objects.visible_to(request.user).filter(audit=audit).for_checklist().remarks(),
        "events": Timeline.of(request, audit),
        "change_form": ReasonForm(),
        **forms,
    }


def _page(request, nc, **forms):
    return {
        "company": nc.audit.participation.company,
        "nc": nc,
        **nc.terms_on(timezone.localdate()),
        "editable": NonConformity.objects.editable_by(request.user).filter(pk=nc.pk).exists(),
        "actions": nc.actions.select_related("blob"),
        "steps": nc.steps(),
        "events": Timeline.of(request, nc),
        "missing": nc.missing_to_answer() if nc.is_answerable else [],
        "form": AnswerForm(instance=nc),
        "action_form": ActionForm(prefix="action"),
        "file_url": "empresa:action_file",
        **forms,
    }
