"""One section of the application: read it, fill it in field by field, see what colleagues save meanwhile.

Its button to go on does the same in every section of a draft: it saves what is there, a new record that is not complete
as a draft; it goes on to the next section; and it tells what is missing here. Only what is wrong keeps one on the page.
"""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from companies.autosave import FIELD, save_field
from companies.colleagues import Colleagues, last_event
from companies.forms.sections import FORMS, section_form
from companies.models import Company, Event
from companies.views.empresa_profile import closed, keep, section_draft, site_rows
from programs.conditions import condition_of
from programs.models import Application
from programs.models.submission import SECTIONS, SWORN, unmet
from programs.self_check import declared

from .empresa_application import page_context, read
from .empresa_papers import paper_rows
from .empresa_statement import act, statement_page

PAGE = "empresa/application_section.html"
PAPERS = ("sedes", "documentos")  # where one looks first at which papers are asked for
GO_ON = "seguir"  # the button of a section that has nothing to save by itself


def application_section(request, pk, section):
    if section not in SECTIONS:
        raise Http404
    if request.method == "POST":
        return _save_section(request, pk, section)
    cursor = last_event(company__applications=pk)
    application = read(request, pk)
    return render(request, PAGE, _section_page(request, application, section, cursor))


@require_safe
def application_news(request, pk, section):
    """What colleagues saved since the page last asked (`desde`); 204 when nobody did."""
    cursor = last_event(company__applications=pk)
    application = read(request, pk)
    if section not in SECTIONS:
        raise Http404
    colleagues = Colleagues(application.company, request.user, cursor=cursor, seen=request.GET.get("desde"))
    if not colleagues.have_news:
        return HttpResponse(status=204)
    return render(request, "empresa/_section_news.html", _news(request, application, section, colleagues))


def _news(request, application, section, colleagues):
    """What a page already open shows anew: how the sections stand, who saved, and the fields others changed."""
    context = _sections(request, application, section) | {"colleagues": colleagues, "changed": []}
    if context["open"] and section in FORMS:
        form = section_form(section, application.company, timezone.localdate())
        context["changed"] = colleagues.changed_fields(form)
    return context


def _sections(request, application, section):
    checklist = application.checklist(timezone.localdate())
    context = page_context(request, application, checklist)
    return context | {
        "section": section,
        "items": [i for i in checklist if condition_of(i.key).section == section],
        "open": context["may_edit"] and application.reopens(section),
        "standing": next(row for row in context["sections"] if row.key == section),
    }


def _section_page(request, application, section, cursor=None):
    today = timezone.localdate()
    context = _sections(request, application, section)
    observed = application.observed_in(section)
    context |= {
        "title": SECTIONS[section],
        "number": list(SECTIONS).index(section) + 1,
        "observed": observed,
        "next_section": next_section(section),
        "asks_first": section in PAPERS and bool(application.state == "draft" or observed),
        "colleagues": Colleagues(
            application.company,
            request.user,
            cursor=last_event(company=application.company_id) if cursor is None else cursor,
        ),
        "declared": declared(application, section, context["items"], context["standing"].completed),
    }
    if context["open"] and section in FORMS:
        draft = context["draft"] = section_draft(request, application.company, section)
        context["form"] = form = section_form(section, application.company, today, initial=draft.fields)
        context["saved"] = Event.objects.about(form.instance).newest_first().first() if form.instance.pk else None
    elif context["open"] and section in ("sedes", "exportaciones"):
        locked = application.company.applications.lock_on(section, kind="new" if section == "sedes" else "")
        context |= {"sites": site_rows(application.company, True), "may_add": not locked}
        context["exports"] = application.company.exports.all()
    elif section == "documentos":
        context |= paper_rows(application, today, open=context["may_edit"])
    elif context["open"]:
        context |= statement_page(request, application, today)
    else:
        context["groups"] = application.shown_section(section, today)
    return context


def _again(request, application, section, *, status, **forms):
    """The section's page once more, with the form that came back."""
    return render(request, PAGE, _section_page(request, application, section) | forms, status=status)


def _save_section(request, pk, section):
    application = read(request, pk)
    if not application.may_edit:
        raise Http404
    here = reverse("empresa:application_section", args=[pk, section])
    if not application.reopens(section):
        return closed(request, application.lock_sentence(), here)
    if GO_ON in request.POST:
        return _go_on(request, application, section)
    if section == SWORN:
        return act(request, application, page=partial(_again, request, application, section), here=here)
    if section not in FORMS:
        raise Http404
    return _save_form(request, application, section, here)


def _save_form(request, application, section, here):
    company, note = application.company, partial(_note, application, section, by=request.user)
    draft = section_draft(request, company, section)
    form = section_form(section, company, timezone.localdate(), request.POST)
    if answer := draft.answer(form):
        return answer
    if FIELD in request.POST:
        more, hold = partial(_brought_up_to_date, request, application.pk, section), partial(company.hold_open, section)
        return save_field(request, partial(_form_now, application, section), hold=hold, done=note, more=more)
    if application.state == "draft" and draft.keep_unfinished(form):
        if draft.row:
            messages.info(request, draft.when)
        return _go_on(request, application, section)
    context, to = _section_page(request, application, section) | {"back": here}, _after(request, application, section)
    answer = keep(request, form, PAGE, context, to, held=company.hold_open(section))
    if answer.status_code < 400:
        draft.drop()
        note()
        _tell_missing(request, application, section)
    return answer


def _form_now(application, section, data):
    company = Company.objects.get(pk=application.company_id)
    return section_form(section, company, timezone.localdate(), data)


def _note(application, section, *, by):
    Application.objects.for_page().get(pk=application.pk).note_section(section, by=by, on=timezone.localdate())


def _brought_up_to_date(request, pk, section):
    """What the answer to a saved field shows beside it, of the application as it is now."""
    cursor = last_event(company__applications=pk)
    application = read(request, pk)
    colleagues = Colleagues(application.company, request.user, cursor=cursor, seen=request.POST.get("desde"))
    return _news(request, application, section, colleagues) | {"also": "empresa/_section_news.html"}


def _go_on(request, application, section):
    _tell_missing(request, application, section)
    return redirect(_after(request, application, section))


def _tell_missing(request, application, section):
    """Say what a section of a draft lacks as it stands now."""
    now = Application.objects.for_page().get(pk=application.pk)
    if now.state != "draft":
        return
    items = [i for i in unmet(now.checklist(timezone.localdate())) if condition_of(i.key).section == section]
    if items:
        words = _("«%(section)s» queda por completar.") % {"section": SECTIONS[section]}
        messages.warning(request, " ".join([words, *(str(item) for item in items)]))


def _after(request, application, section):
    """Where the button leads: the next section, unless one wants to stay; once handed in, back to the overview."""
    following = next_section(section)
    if application.state == "draft" and following and "stay" not in request.POST:
        return reverse("empresa:application_section", args=[application.pk, following])
    return reverse("empresa:application", args=[application.pk])


def next_section(section):
    keys = list(SECTIONS)
    return keys[keys.index(section) + 1] if section != keys[-1] else ""
