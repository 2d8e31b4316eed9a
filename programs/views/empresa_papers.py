"""The papers of an application as the company hands them in: one page a paper, its files and their versions."""

from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.forms.files import RemovalForm, ReplacementForm
from companies.merging import is_stale, merge, overtaken
from companies.models import Company, Event
from companies.timeline import Timeline
from companies.views.kept_files import change_file, files_of_page, tell_kept
from ecoeficiencia.errors import conflict
from ecoeficiencia.files.serving import serve
from ecoeficiencia.lifecycle import IllegalMove
from programs.forms.paper import PaperForm
from programs.models import Application, PaperFile, RequiredDocument


def paper(request, pk, entry, site):
    """Members read it; those who edit add files and dates while it is open. `site` 0: the company's own."""
    rows = Application.objects.followed_by if request.method != "POST" else Application.objects.editable_by
    application = get_object_or_404(rows(request.user).for_page(), pk=pk)
    slot = application.slot(entry, site or None, timezone.localdate())
    if slot is None:
        raise Http404
    if request.method != "POST":
        return _page(request, application, slot)
    if not application.may_change(slot):
        return conflict(request, application.lock_sentence(), back=_address(application, slot))
    form = PaperForm(request.POST, request.FILES, slot=slot)
    if not form.is_valid():
        return _page(request, application, slot, status=422, form=form)
    return _keep(request, application, slot, form)


def paper_rows(application, on, *, open):
    """The papers of the section «Documentos», each with what is wrong with it; `open`: whether this person edits."""
    closes = application.edition.closes_on
    days = {"on": on, "closes": closes, "handed_on": on, "since": None}
    rows = []
    for slot in application.slots(on):
        if slot.is_shown:
            line = slot.condition(**days) if slot.files else None
            rows.append(
                {
                    "slot": slot,
                    "site": slot.site.pk if slot.site else 0,
                    "fault": line.sentence if line and not line.done else "",
                    "soon": slot.ends_soon(closes),
                    "open": open and application.may_change(slot),
                }
            )
    return {"slots": rows, "of_sites": [entry for entry in application.edition.documents.asked() if entry.is_of_a_site]}


def _keep(request, application, slot, form):
    """The files first: they are nobody else's. Then the days, which a colleague may have changed meanwhile."""
    files = form.cleaned_data["files"]
    try:
        kept, new = application.hand_paper(slot, by=request.user, files=files)
    except IllegalMove as refused:
        form.add_error("files", str(refused))
        return _page(request, application, slot, status=422, form=form)
    if slot.paper and form.days and is_stale(form, slot.paper):
        return merge(request, form, kept, files_kept=True, company=application.company)
    try:
        with application.changing(slot):
            if form.days:
                kept.date(by=request.user, **form.days)
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=_address(application, slot), form=form)
    application.note_section("documentos", by=request.user, on=timezone.localdate())
    tell_kept(request, files, len(new))
    return redirect(_address(application, slot))


def _address(application, slot):
    return reverse("empresa:paper", args=[application.pk, slot.entry.pk, slot.site.pk if slot.site else 0])


def _page(request, application, slot, status=200, form=None, opened=0, **forms):
    today, found, closes = timezone.localdate(), slot.paper, application.edition.closes_on
    edits = Company.objects.edited_by(request.user).filter(pk=application.company_id).exists()
    observed = [
        item
        for item in application.observed_items()
        if item.missing_key == slot.missing_key or slot.entry in application.proofs_of(item)
    ]
    context = {
        "application": application,
        "company": application.company,
        "edition": application.edition,
        "slot": slot,
        "entry": slot.entry,
        "paper": found,
        "observed": observed,
        "fault": slot.condition(on=today, closes=closes, handed_on=today, since=None) if slot.files else None,
        "ends_soon": slot.ends_soon(closes),
        "open": edits and application.may_change(slot),
        "form": form or PaperForm(slot=slot, known=application.known_issue(slot, today)),
        "events": Timeline.of(request, found) if found else None,
        "documents_url": reverse("empresa:application_section", args=[application.pk, "documentos"]),
        "application_url": reverse("empresa:application", args=[application.pk]),
    }
    context |= files_of_page(request, application.company, found, rules=slot.entry.upload_rules, opened=opened)
    context |= _acts_on(context["shown"])
    return render(request, "empresa/paper.html", context | forms, status=status)


def _acts_on(file):
    """Where the file that is shown is replaced or taken away."""
    return {f"{act}_url": reverse(f"empresa:paper_file_{act}", args=[file.pk]) for act in ("replace", "remove") if file}


def _file(request, pk):
    """The file, its paper's slot, and whether it may change now."""
    rows = PaperFile.objects.editable_by(request.user).select_related("paper__entry", "paper__site", "blob")
    file = get_object_or_404(rows, pk=pk)
    application = Application.objects.for_page().get(pk=file.paper.application_id)
    slot = application.slot(file.paper.entry_id, file.paper.site_id, timezone.localdate())
    if slot is None:
        raise Http404
    return file, application, slot


@require_POST
def paper_file_replace(request, pk):
    file, application, slot = _file(request, pk)
    form = ReplacementForm(request.POST, request.FILES, rules=slot.entry.upload_rules)
    said = _("Guardó la versión nueva.")
    return _change(request, file, application, slot, form, name="replacement", said=said, act=file.replace)


@require_POST
def paper_file_remove(request, pk):
    file, application, slot = _file(request, pk)
    form, said = RemovalForm(request.POST), _("Quitó el archivo.")
    return _change(request, file, application, slot, form, name="removal", said=said, act=file.remove)


def _change(request, file, application, slot, form, *, name, said, act):
    """Do what `form` says to one file, or show the paper's page again with the form open at that file."""
    back = _address(application, slot)
    if not application.may_change(slot):
        return conflict(request, application.lock_sentence(), back=back)
    page = partial(_page, request, application, slot, **{name: form, "opened": file.pk})
    answer = change_file(request, form, act, held=application.changing(slot), said=said, back=back, page=page)
    if answer.status_code < 400:
        application.note_section("documentos", by=request.user, on=timezone.localdate())
    return answer


@require_safe
def paper_file(request, pk):
    """One file, for the company and, once handed in, for PROMPERÚ; shown in the page unless `?descargar`."""
    rows = PaperFile.objects.visible_to(request.user).select_related("blob", "paper__application__company")
    file = get_object_or_404(rows, pk=pk)
    if file.blob is None:
        raise Http404
    Event.note_reading(file, file.filename, by=request.user)
    return serve(request, file.blob, file.filename, inline="descargar" not in request.GET)


@login_not_required
@require_safe
def document_template(request, pk):
    """The form to fill in for one entry of a catalogue whose call is out: public as the call is."""
    entry = get_object_or_404(RequiredDocument.objects.announced().select_related("template"), pk=pk)
    if entry.template is None:
        raise Http404
    return serve(request, entry.template, entry.template_filename)
