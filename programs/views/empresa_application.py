"""The application as the company sees it: complete it by sections, hand it in, follow it."""

from functools import partial

from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from companies.forms.sections import FORMS, SAVED_WHILE_TYPING, section_form
from companies.models import Company, Event
from companies.timeline import Timeline
from companies.views.empresa_profile import keep, site_rows
from ecoeficiencia.errors import conflict
from programs.eligibility import condition_of
from programs.forms.application import MendedForm, WithdrawForm
from programs.models import Application, Edition
from programs.models.submission import SECTIONS, unmet

from .empresa_papers import paper_rows
from .empresa_statement import act, statement_page


@require_POST
def apply(request, company):
    """Open a draft in the call of today; a second press finds the one that is open."""
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    asked = request.POST.get("edition", "")
    edition = get_object_or_404(Edition, pk=asked if asked.isdecimal() else 0, published=True)
    if application := company.applications.in_course(edition):
        return redirect("empresa:application", application.pk)
    if not edition.is_open_on(timezone.localdate()):
        return conflict(
            request, _("Esta convocatoria no está abierta."), back=reverse("public:call", args=[edition.pk])
        )
    try:
        application = Application.start(company, edition, by=request.user)
    except IntegrityError:  # a colleague pressed at the same time
        application = company.applications.in_course(edition)
    return redirect("empresa:application", application.pk)


def _read(request, pk):
    return get_object_or_404(Application.objects.followed_by(request.user).for_page(), pk=pk)


def _edit(request, pk):
    return get_object_or_404(Application.objects.editable_by(request.user).for_page(), pk=pk)


@require_safe
def application(request, pk):
    application = _read(request, pk)
    today = timezone.localdate()
    checklist = application.checklist(today)
    context = {
        **_page(request, application, checklist),
        "checklist": sorted(checklist, key=lambda item: item.done),
        "missing": application.missing_to_submit(today) if application.state == "draft" else [],
        "to_mend": application.missing_to_mend(today) if application.state == "observed" else [],
        "observed": [(item, MendedForm.of(item)) for item in application.observed_items()],
        "call_due": _("Hasta el %(day)s") % {"day": f"{application.edition.closes_on:%d/%m/%Y}"},
        "mend_due": _mend_due(application, today),
        "may_withdraw": application.can_move("withdrawn"),
        "events": _history(request, application),
        "revisions": application.revisions.select_related("record"),
        "signature": application.last_signature if application.number else None,
        "withdraw_form": WithdrawForm(),
        "appeal": getattr(application, "appeal", None) if application.state == "rejected" else None,
        "decision_letters": application.decision_letters.all() if application.decided_at else [],
    }
    return render(request, "empresa/application.html", context)


def _history(request, application):
    return Timeline(request, Event.objects.about(application).told_to_company())


def _mend_due(application, today):
    left = application.workdays_left(today)
    if left is None:
        return ""
    day = f"{application.due_on:%d/%m/%Y}"
    if left < 0 or application.due_on < today:
        return _("Venció el %(day)s. Pida una prórroga a PROMPERÚ.") % {"day": day}
    days = ngettext("queda %(n)s día hábil", "quedan %(n)s días hábiles", left)
    return _("Hasta el %(day)s") % {"day": day} + ": " + days % {"n": left}


def _page(request, application, checklist):
    """What every page of the application shows: its sections and how each stands."""
    done = {e.new: e for e in Event.objects.about(application).filter(verb="section").select_related("actor")}
    sections = []
    for key, title in SECTIONS.items():
        items = [i for i in checklist if condition_of(i.key).section == key]
        sections.append(
            {
                "key": key,
                "title": title,
                "url": reverse("empresa:application_section", args=[application.pk, key]),
                "missing": len(unmet(items)),
                "completed": done.get(key),
                "reopened": application.state == "observed" and application.reopens(key),
            }
        )
    return {
        "company": application.company,
        "application": application,
        "application_url": reverse("empresa:application", args=[application.pk]),
        "edition": application.edition,
        "sections": sections,
        "may_edit": Company.objects.edited_by(request.user).filter(pk=application.company_id).exists(),
    }


def application_section(request, pk, section):
    if section not in SECTIONS:
        raise Http404
    if request.method == "POST":
        return _save_section(request, pk, section)
    application = _read(request, pk)
    return render(request, "empresa/application_section.html", _section_page(request, application, section))


def _section_page(request, application, section):
    today = timezone.localdate()
    checklist = application.checklist(today)
    context = _page(request, application, checklist)
    keys = list(SECTIONS)
    context |= {
        "section": section,
        "title": SECTIONS[section],
        "items": [i for i in checklist if condition_of(i.key).section == section],
        "observed": [i for i in application.observed_items() if condition_of(i.key).section == section],
        "open": context["may_edit"] and application.reopens(section),
        "next_section": keys[keys.index(section) + 1] if section != keys[-1] else "",
        "autosave": section in SAVED_WHILE_TYPING,
    }
    if context["open"] and section in FORMS:
        context["form"] = section_form(section, application.company, today)
    elif context["open"] and section in ("sedes", "exportaciones"):
        locked = application.company.applications.lock_on(section, kind="new" if section == "sedes" else "")
        context |= {"sites": site_rows(application.company, True), "may_add": not locked}
        context["exports"] = application.company.exports.all()
    elif section == "documentos":
        context |= paper_rows(application, today, open=context["open"])
    elif context["open"]:
        context |= statement_page(request, application, today)
    else:
        context["groups"] = application.shown_section(section, today)
    return context


def _again(request, application, section, *, status, **forms):
    """The section's page once more, with the form that came back."""
    context = _section_page(request, application, section) | forms
    return render(request, "empresa/application_section.html", context, status=status)


def _save_section(request, pk, section):
    application = _edit(request, pk)
    here = reverse("empresa:application_section", args=[pk, section])
    if not application.reopens(section):
        return conflict(request, application.lock_sentence(), back=here)
    if section == "declaracion":
        return act(request, application, page=partial(_again, request, application, section), here=here)
    if section not in FORMS:
        raise Http404
    today = timezone.localdate()
    form = section_form(section, application.company, today, request.POST)
    context = _section_page(request, application, section)
    answer = keep(
        request, form, "empresa/application_section.html", {**context, "back": here}, _after(request, context)
    )
    if answer.status_code < 400:
        Application.objects.for_page().get(pk=pk).complete_section(section, by=request.user, on=today)
    return answer


def _after(request, context):
    """Where «Guardar y seguir» leads: the next section; once handed in, back to the overview."""
    application = context["application"]
    if application.state == "draft" and context["next_section"] and "stay" not in request.POST:
        return reverse("empresa:application_section", args=[application.pk, context["next_section"]])
    return reverse("empresa:application", args=[application.pk])
