"""The company asks that its rejection be reconsidered."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Company, Event
from companies.timeline import Timeline
from ecoeficiencia.workdays import decreed_days
from ecoeficiencia.writing import due_in_workdays
from programs.forms.deciding import AppealForm
from programs.models import Appeal, Application

from .answers import answer

# The acts on an application that tell of its appeal.
VERBS = ("appeal", "appeal_upheld", "appeal_dismissed")


def appeal(request, pk):
    """What was asked and answered; while there is time and nothing was asked, the form."""
    application = get_object_or_404(
        Application.objects.followed_by(request.user).for_page().select_related("appeal__blob", "appeal__filed_by"),
        pk=pk,
    )
    if request.method == "POST":
        return _file(request, application)
    return _page(request, application, AppealForm())


def _file(request, application):
    get_object_or_404(Application.objects.editable_by(request.user), pk=application.pk)
    form = AppealForm(request.POST, request.FILES)
    file = partial(Appeal.file, application, by=request.user, on=timezone.localdate())
    return answer(
        request, form, file,
        said=_("Pidió que se reconsidere. PROMPERÚ le responderá por aquí y por correo."),
        to=reverse("empresa:application_appeal", args=[application.pk]),
        page=partial(_page, request, application, form),
    )  # fmt: skip


def _page(request, application, form, status=200):
    found = getattr(application, "appeal", None)
    context = {
        "application": application,
        "company": application.company,
        "edition": application.edition,
        "appeal": found,
        "refused": application.refused_items() if application.is_rejected else [],
        "letters": application.decision_letters.all(),
        "may_edit": Company.objects.edited_by(request.user).filter(pk=application.company_id).exists(),
        "form": form,
        "appeal_refusal": "",
        "events": Timeline.of(
            request,
            application,
            events=Event.objects.about(application).filter(verb__in=VERBS),
            told=found.texts if found else (),
        ),
        **(answer_awaited(found) if found else time_to_appeal(application)),
    }
    return render(request, "empresa/appeal.html", context, status=status)


def answer_awaited(found):
    """How much of the term to answer is left, in words; nothing once it was answered."""
    today = timezone.localdate()
    return {"answer_due": found.due_in_words(today) if found.state == Appeal.State.FILED else ""}


def time_to_appeal(application):
    """Whether and until when the company may still ask; `appeal_left` in words, `appeal_refusal` why it may not."""
    today, until = timezone.localdate(), application.appeal_until()
    left = due_in_workdays(until, today, decreed_days(application.company.seat)) if until else ""
    return {
        "appeal_until": until,
        "appeal_left": left,
        "appeal_days": application.edition.parameter("appeal_days"),
        "appeal_refusal": application.missing_to_appeal(today, until),
        "appeal_is_late": bool(until and today > until),
    }
