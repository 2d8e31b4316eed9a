"""Editing the company's papers: its data, sites and their documents, exports."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from companies.autosave import FIELD, answer_later, refuse_field
from companies.drafts import Drafting
from companies.forms.exports import ExportForm
from companies.forms.places import RemovalForm, SiteDocumentForm, SiteForm
from companies.forms.sections import FORMS, section_form
from companies.merging import merge, overtaken
from companies.models import Company, ExportRecord, FormDraft, Site, SiteDocument
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove


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
                "open": may_edit and not locks.sentence("sedes", site, kind),
            }
            for kind, label in SiteDocument.Kind.choices
        ]
        rows.append({"site": site, "papers": papers, "open": may_edit and not locks.sentence("sedes", site)})
    return rows


def keep(request, form, page, context, done):
    """Save a form that several people may have open: 422 with its errors, 409 with both texts, or `done`."""
    if not form.is_valid():
        return render(request, page, {**context, "form": form}, status=422)
    if form.clashes(request.user):
        since = form.changed_by_others(request.user)
        return merge(request, form, form.as_stored(), since=since, **context)
    try:
        form.save(by=request.user)
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=request.get_full_path(), form=form)
    messages.success(request, _("Guardado."))
    return redirect(done)


def closed(request, lock, back):
    """409: what is locked is not edited now; beside its field when one was sent while typing."""
    return refuse_field(request, lock) if FIELD in request.POST else conflict(request, lock, back=back)


def _note(request, company, section):
    """Keep who completed that section of the company's draft application, if there is one."""
    company.applications.note_section(section, by=request.user, on=timezone.localdate())


def profile_section(request, company, section):
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    if section not in FORMS:
        raise Http404
    back = way_back(request, company)
    if lock := company.applications.lock_on(section):
        return closed(request, lock, back)
    draft = section_draft(request, company, section)
    form = section_form(section, company, timezone.localdate(), request.POST or None, initial=draft.fields)
    if answer := draft.answer(form):
        return answer
    if FIELD in request.POST:
        return answer_later(request)
    context = {"company": company, "title": FORMS[section][0], "back": back, "nav_current": "profile", "form": form}
    page, context["draft"] = "empresa/new_form.html" if draft.form else "empresa/form.html", draft
    if request.method == "POST":
        answer = keep(request, form, page, context, back)
        if answer.status_code < 400:
            draft.drop()
            _note(request, company, section)
        return answer
    return render(request, page, context)


def section_draft(request, company, section):
    """Of the sections, only a new representative is a new record."""
    return Drafting(request, company, FormDraft.Form.MANDATE if section == "representacion" else "")


def site_new(request, company):
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    return _site_page(request, Site(company=company), _("Nueva sede"))


def site(request, pk):
    site = get_object_or_404(Site.objects.editable_by(request.user).select_related("company", "district"), pk=pk)
    return _site_page(request, site, site.name)


def _site_page(request, site, title):
    back = way_back(request, site.company)
    if lock := site.company.applications.lock_on("sedes", site if site.pk else None, "" if site.pk else "new"):
        return closed(request, lock, back)
    draft = Drafting(request, site.company, "" if site.pk else FormDraft.Form.SITE)
    form = SiteForm(request.POST or None, instance=site, initial=draft.fields)
    if answer := draft.answer(form):
        return answer
    context = {"company": site.company, "title": title, "back": back, "nav_current": "profile", "form": form}
    context |= {"events": Timeline.of(request, site) if site.pk else None, "draft": draft}
    page = "empresa/form.html" if site.pk else "empresa/new_form.html"
    if request.method == "POST":
        answer = keep(request, form, page, context, back)
        if answer.status_code < 400:
            draft.drop()
            _note(request, site.company, "sedes")
        return answer
    return render(request, page, context)


@require_POST
def site_close(request, pk):
    """A site that no longer works. It stays in the history."""
    site = get_object_or_404(Site.objects.editable_by(request.user).filter(closed_on=None), pk=pk)
    back = way_back(request, site.company)
    if lock := site.company.applications.lock_on("sedes", site):
        return conflict(request, lock, back=back)
    site.close(by=request.user, on=timezone.localdate())
    _note(request, site.company, "sedes")
    messages.success(request, _("Quitó la sede %(site)s.") % {"site": site})
    return redirect(back)


def site_document(request, pk, kind):
    site = get_object_or_404(
        Site.objects.editable_by(request.user).select_related("company").prefetch_related("documents"), pk=pk
    )
    if kind not in SiteDocument.Kind:
        raise Http404
    back = way_back(request, site.company)
    if lock := site.company.applications.lock_on("sedes", site, kind):
        return conflict(request, lock, back=back)
    paper = SiteDocument(company=site.company, site=site, kind=kind)
    current, entry = site.document(kind), site.company.applications.asking(kind)
    sent = (request.POST or None, request.FILES or None)
    form = SiteDocumentForm(*sent, instance=paper, current=current, entry=entry)
    if form.is_valid():
        form.save(by=request.user)
        _note(request, site.company, "sedes")
        messages.success(request, _("Guardado."))
        return redirect(back)
    return _document_page(request, site, kind, form, entry=entry, status=422 if form.is_bound else 200)


def _document_page(request, site, kind, form, *, entry, status, removal=None):
    current = site.document(kind)
    context = {
        "company": site.company,
        "title": f"{site.name}: {SiteDocument.Kind(kind).label}",
        "back": way_back(request, site.company),
        "nav_current": "profile",
        "form": form,
        "entry": entry,
        "current": current,
        "versions": site.documents.filter(kind=kind).select_related("blob", "uploaded_by").order_by("-pk"),
        "removable": current and not site.company.applications.handed_in_since(current.uploaded_at),
        "removal": removal or RemovalForm(),
    }
    return render(request, "empresa/site_document.html", context, status=status)


@require_POST
def site_document_remove(request, pk):
    """The paper that counts, before PROMPERÚ was handed it."""
    rows = SiteDocument.objects.editable_by(request.user).select_related("company", "site__company", "blob")
    paper = get_object_or_404(rows, pk=pk)
    site, kind, back = paper.site, paper.kind, way_back(request, paper.company)
    if lock := site.company.applications.lock_on("sedes", site, kind):
        return conflict(request, lock, back=back)
    removal = RemovalForm(request.POST)
    if not removal.is_valid():
        entry = site.company.applications.asking(kind)
        form = SiteDocumentForm(instance=SiteDocument(site=site, kind=kind), current=paper, entry=entry)
        return _document_page(request, site, kind, form, entry=entry, status=422, removal=removal)
    try:
        site.remove_document(paper, by=request.user, **removal.cleaned_data)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    _note(request, site.company, "sedes")
    messages.success(request, _("Quitó «%(paper)s».") % {"paper": paper})
    return redirect(back)


def export_new(request, company):
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    return _export_page(request, ExportRecord(company=company), _("Nueva exportación"))


def export(request, pk):
    row = get_object_or_404(ExportRecord.objects.editable_by(request.user).select_related("company"), pk=pk)
    return _export_page(request, row, row.declaration)


def _export_page(request, row, title):
    back = way_back(request, row.company)
    if lock := row.company.applications.lock_on("exportaciones"):
        return closed(request, lock, back)
    draft = Drafting(request, row.company, "" if row.pk else FormDraft.Form.EXPORT)
    form = ExportForm(request.POST or None, instance=row, initial=draft.fields)
    page = "empresa/form.html" if row.pk else "empresa/new_form.html"
    if answer := draft.answer(form):
        return answer
    if form.is_valid():
        if form.is_stale:
            return merge(request, form, form.as_stored(), company=row.company)
        form.instance.keep(by=request.user)
        draft.drop()
        _note(request, row.company, "exportaciones")
        messages.success(request, _("Guardado."))
        return redirect(back)
    context = {"company": row.company, "title": title, "back": back, "nav_current": "profile", "form": form}
    return render(request, page, {**context, "draft": draft}, status=422 if form.is_bound else 200)


@require_POST
def export_remove(request, pk):
    row = get_object_or_404(ExportRecord.objects.editable_by(request.user).select_related("company"), pk=pk)
    back = way_back(request, row.company)
    if lock := row.company.applications.lock_on("exportaciones"):
        return conflict(request, lock, back=back)
    row.remove(by=request.user)
    _note(request, row.company, "exportaciones")
    messages.success(request, _("Quitó la declaración %(number)s.") % {"number": row.declaration})
    return redirect(back)
