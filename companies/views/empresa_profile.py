"""Editing the company's papers: its data, sites and their documents, exports."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from companies.autosave import FIELD, refuse_field, save_field
from companies.colleagues import Colleagues, last_event
from companies.drafts import Drafting
from companies.forms.exports import ExportForm
from companies.forms.places import SiteForm
from companies.forms.sections import FORMS, section_form
from companies.merging import merge, overtaken
from companies.models import Company, Event, ExportRecord, FormDraft, Site, SiteDocument
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove

RECORD = "empresa/record_form.html"
SEEN = "desde"  # the last event that a page already open has seen


def way_back(request, company):
    """The page of this site the person came from (`volver`), or the company's data."""
    asked = request.GET.get("volver", "")
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return reverse("empresa:profile", args=[company.pk])


def site_rows(company, may_edit):
    """Every site with its two papers, and which of them this person may change now."""
    locks = company.applications.locks()
    rows = []
    for site in company.sites.for_application():
        papers = [
            {
                "kind": kind,
                "label": label,
                "paper": site.document(kind),
                "seen": may_edit,
                "open": may_edit and not locks.sentence("sedes", site, kind),
            }
            for kind, label in SiteDocument.Kind.choices
        ]
        rows.append({"site": site, "papers": papers, "open": may_edit and not locks.sentence("sedes", site)})
    return rows


def keep(request, form, page, context, done, *, held):
    """Save a form that several people may have open: 422 with its errors, 409 with both texts, or `done`.

    held: the context in which it is saved, so that nobody hands in what changes in that moment (Company.hold_open).
    """
    if not form.is_valid():
        return render(request, page, {**context, "form": form}, status=422)
    if form.clashes(request.user):
        since = form.changed_by_others(request.user)
        return merge(request, form, form.as_stored(), since=since, **context)
    try:
        with held:
            form.save(by=request.user)
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=request.get_full_path(), form=form)
    messages.success(request, _("Guardado."))
    return redirect(done)


def closed(request, lock, back):
    """409: what is locked is not edited now; beside its field when one was sent while typing."""
    return refuse_field(request, lock) if FIELD in request.POST else conflict(request, lock, back=back)


def note_section(request, company, section):
    """Keep who completed that section of the company's draft application, if there is one."""
    company.applications.note_section(section, by=request.user, on=timezone.localdate())


def record_page(request, company, section, form_on, *, draft, title, which=(), **context):
    """The page of one record of the company's papers: a new one is drafted, one that is there saves each field itself.

    form_on: makes the form on the record as stored now, of the data given or of none, and of what it begins with.
    which: of the section «sedes», the record as Company.hold_open takes it.
    """
    hold = partial(company.hold_open, section, *which)
    back, note = way_back(request, company), partial(note_section, request, company, section)
    cursor = last_event(company=company)
    form = form_on(request.POST or None, draft.fields)
    if answer := draft.answer(form):
        return answer
    if FIELD in request.POST:
        more = partial(_news, request, company, form_on)
        return save_field(request, form_on, hold=hold, done=note, more=more)
    if SEEN in request.GET:
        return news(request, company, form_on)
    context |= {
        "company": company,
        "title": title,
        "back": back,
        "nav_current": "profile",
        "form": form,
        "draft": draft,
    }
    context["colleagues"] = Colleagues(company, request.user, cursor=cursor)
    context["saved"] = Event.objects.about(form.instance).newest_first().first() if form.instance.pk else None
    if request.method != "POST":
        return render(request, RECORD, context)
    answer = keep(request, form, RECORD, context, back, held=hold())
    if answer.status_code < 400:
        draft.drop()
        note()
    return answer


def news(request, company, form_on):
    """What colleagues saved since the page last asked; 204 when nobody did."""
    context = _news(request, company, form_on)
    if not context["colleagues"].have_news:
        return HttpResponse(status=204)
    return render(request, context["also"], context)


def _news(request, company, form_on):
    """What a page already open shows anew: who saved, and the fields of its record that others changed."""
    cursor = last_event(company=company)
    seen = request.POST.get(SEEN) or request.GET.get(SEEN)
    colleagues = Colleagues(company, request.user, cursor=cursor, seen=seen)
    changed = colleagues.changed_fields(form_on())
    return {"colleagues": colleagues, "changed": changed, "also": "empresa/_record_news.html"}


def _as_stored(record):
    """The record as stored in this moment, or itself when it is new. Raises Http404 when a colleague removed it."""
    if record.pk is None:
        return type(record)(company=record.company)
    return get_object_or_404(type(record).objects.select_related("company"), pk=record.pk)


def profile_section(request, company, section):
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    if section not in FORMS:
        raise Http404
    if lock := company.applications.lock_on(section):
        return closed(request, lock, way_back(request, company))

    def form_on(data=None, initial=None):
        return section_form(section, Company.objects.get(pk=company.pk), timezone.localdate(), data, initial)

    draft = section_draft(request, company, section)
    return record_page(request, company, section, form_on, draft=draft, title=FORMS[section][0], events=None)


def section_draft(request, company, section):
    """Of the sections, only a new representative is a new record."""
    return Drafting(request, company, FormDraft.Form.MANDATE if section == "representacion" else "")


def site_new(request, company):
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    return _site_page(request, Site(company=company), _("Nueva sede"))


def site(request, pk):
    site = get_object_or_404(Site.objects.editable_by(request.user).select_related("company"), pk=pk)
    return _site_page(request, site, site.name)


def _site_page(request, site, title):
    company, which = site.company, (site, "") if site.pk else (None, "new")
    if lock := company.applications.lock_on("sedes", *which):
        return closed(request, lock, way_back(request, company))

    def form_on(data=None, initial=None):
        return SiteForm(data, instance=_as_stored(site), initial=initial)

    draft = Drafting(request, company, "" if site.pk else FormDraft.Form.SITE)
    events = Timeline.of(request, site, *site.documents.all()) if site.pk else None
    return record_page(request, company, "sedes", form_on, draft=draft, title=title, which=which, events=events)


@require_POST
def site_close(request, pk):
    """A site that no longer works. It stays in the history."""
    site = get_object_or_404(Site.objects.editable_by(request.user).filter(closed_on=None), pk=pk)
    back = way_back(request, site.company)
    try:
        with site.company.hold_open("sedes", site):
            site.close(by=request.user, on=timezone.localdate())
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    note_section(request, site.company, "sedes")
    messages.success(request, _("Quitó la sede %(site)s.") % {"site": site})
    return redirect(back)


def export_new(request, company):
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    return _export_page(request, ExportRecord(company=company), _("Nueva exportación"))


def export(request, pk):
    row = get_object_or_404(ExportRecord.objects.editable_by(request.user).select_related("company"), pk=pk)
    return _export_page(request, row, row.declaration)


def _export_page(request, export, title):
    company = export.company
    if lock := company.applications.lock_on("exportaciones"):
        return closed(request, lock, way_back(request, company))

    def form_on(data=None, initial=None):
        return ExportForm(data, instance=_as_stored(export), initial=initial)

    draft = Drafting(request, company, "" if export.pk else FormDraft.Form.EXPORT)
    return record_page(request, company, "exportaciones", form_on, draft=draft, title=title, events=None)


@require_POST
def export_remove(request, pk):
    row = get_object_or_404(ExportRecord.objects.editable_by(request.user).select_related("company"), pk=pk)
    back = way_back(request, row.company)
    try:
        with row.company.hold_open("exportaciones"):
            row.remove(by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    note_section(request, row.company, "exportaciones")
    messages.success(request, _("Quitó la declaración %(number)s.") % {"number": row.declaration})
    return redirect(back)
