"""The licence and the ITSE of a site at the company's door: what they say, their files and the versions of these."""

from functools import partial

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from companies.forms.files import RemovalForm, ReplacementForm
from companies.forms.places import SiteDocumentForm, rules_of
from companies.merging import merge, overtaken
from companies.models import Site, SiteDocument, SiteDocumentFile
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove, Overtaken

from .empresa_profile import note_section, way_back
from .kept_files import change_file, files_of_page, tell_kept


def site_document(request, pk, kind):
    """Those who edit add files, and say what the document says; each file is replaced or taken away on its own.

    While it is closed the page only shows.
    """
    site = get_object_or_404(Site.objects.editable_by(request.user).select_related("company").with_papers(), pk=pk)
    if kind not in SiteDocument.Kind:
        raise Http404
    lock = site.company.applications.lock_on("sedes", site, kind)
    if lock and request.method == "POST":
        return conflict(request, lock, back=way_back(request, site.company))
    document = site.document(kind) or SiteDocument(company=site.company, site=site, kind=kind)
    entry = site.company.applications.asking(kind)
    form = SiteDocumentForm(request.POST or None, request.FILES or None, instance=document, entry=entry)
    if form.is_valid():
        return _keep(request, form, entry)
    return _page(request, document, entry, lock=lock, form=form, status=422 if form.is_bound else 200)


def _keep(request, form, entry):
    """The files first: they are nobody else's. Then what the document says, which a colleague may have changed."""
    document, is_new, files = form.instance, form.instance.pk is None, form.cleaned_data["files"]
    here, back = request.get_full_path(), way_back(request, document.company)
    held = partial(document.company.hold_open, "sedes", document.site, document.kind)
    try:
        with held():
            kept = document.hand_in(files, by=request.user)
        if not is_new and form.clashes(request.user):
            since = form.changed_by_others(request.user)
            return merge(request, form, form.as_stored(), since=since, files_kept=True, company=document.company)
        if not is_new:
            with held():
                form.save(by=request.user)
    except Overtaken as refusal:
        return overtaken(request, refusal, back=here, form=form)
    except IllegalMove as refusal:
        form.add_error("files", str(refusal))
        return _page(request, document, entry, form=form, status=422)
    note_section(request, document.company, "sedes")
    tell_kept(request, files, len(kept))
    return redirect(back)


def _page(request, document, entry, *, status=200, lock="", form=None, opened=0, **forms):
    company, today = document.company, timezone.localdate()
    until = max(today, entry.edition.closes_on) if entry else today
    there = document.pk is not None and status == 200
    days = {"on": today, "closes": until, "handed_on": today}
    context = {
        "company": company,
        "title": f"{document.site.name}: {document.get_kind_display()}",
        "back": way_back(request, company),
        "nav_current": "profile",
        "form": form or SiteDocumentForm(instance=document, entry=entry),
        "entry": entry,
        "document": document,
        "fault": entry.fault_of(document, **days) if there and entry else "",
        "ends_soon": there and document.ends_soon(until),
        "lock": lock,
        "open": not lock,
        "observed": company.applications.observed_on(document.site, document.kind),
        "events": Timeline.of(request, document) if document.pk else None,
        **files_of_page(request, company, document, rules=rules_of(entry), opened=opened),
    }
    context |= _acts_on(request, context["shown"])
    return render(request, "empresa/site_document.html", context | forms, status=status)


def _acts_on(request, file):
    """Where the file that is shown is replaced or taken away."""
    after = f"?{request.GET.urlencode()}" if request.GET else ""
    acts = ("replace", "remove") if file else ()
    return {f"{act}_url": reverse(f"empresa:site_file_{act}", args=[file.pk]) + after for act in acts}


@require_POST
def site_file_replace(request, pk):
    file, entry = _file(request, pk)
    form = ReplacementForm(request.POST, request.FILES, rules=rules_of(entry))
    said = _("Guardó la versión nueva.")
    return _change(request, file, entry, form, name="replacement", said=said, act=file.replace)


@require_POST
def site_file_remove(request, pk):
    file, entry = _file(request, pk)
    form, said = RemovalForm(request.POST), _("Quitó el archivo.")
    return _change(request, file, entry, form, name="removal", said=said, act=file.remove)


def _file(request, pk):
    """The file with its document, and what the catalogue says of it."""
    rows = SiteDocumentFile.objects.editable_by(request.user).select_related("document__site__company", "blob")
    file = get_object_or_404(rows, pk=pk)
    return file, file.document.company.applications.asking(file.document.kind)


def _change(request, file, entry, form, *, name, said, act):
    """Do what `form` says to one file, or show the document's page again with the form open at that file."""
    document = SiteDocument.objects.with_files().select_related("site", "company").get(pk=file.document_id)
    here = f"{document.address}?{request.GET.urlencode()}" if request.GET else document.address
    if lock := document.company.applications.lock_on("sedes", document.site, document.kind):
        return conflict(request, lock, back=way_back(request, document.company))
    held = document.company.hold_open("sedes", document.site, document.kind)
    page = partial(_page, request, document, entry, opened=file.pk, **{name: form})
    answer = change_file(request, form, act, held=held, said=said, back=here, page=page)
    if answer.status_code < 400:
        note_section(request, document.company, "sedes")
    return answer
