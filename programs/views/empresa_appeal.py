"""The company asks that its rejection be reconsidered."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Company
from ecoeficiencia.lifecycle import IllegalMove
from programs.forms.deciding import AppealForm
from programs.models import Appeal, Application


def appeal(request, pk):
    """What was asked and answered; while there is time and nothing was asked, the form."""
    application = get_object_or_404(
        Application.objects.followed_by(request.user).select_related("company", "edition", "appeal"), pk=pk
    )
    if request.method == "POST":
        return _file(request, application)
    return _page(request, application, AppealForm())


def _file(request, application):
    get_object_or_404(Application.objects.editable_by(request.user), pk=application.pk)
    form = AppealForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, application, form, status=422)
    try:
        Appeal.file(application, by=request.user, on=timezone.localdate(), **form.cleaned_data)
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
        application.refresh_from_db()
        return _page(request, application, form, status=409)
    messages.success(request, _("Pidió que se reconsidere. PROMPERÚ le responderá por aquí."))
    return redirect("empresa:application_appeal", application.pk)


def _page(request, application, form, status=200):
    context = {
        "application": application,
        "company": application.company,
        "edition": application.edition,
        "appeal": getattr(application, "appeal", None),
        "until": application.appeal_until(),
        "refusal": application.missing_to_appeal(timezone.localdate()),
        "may_edit": Company.objects.edited_by(request.user).filter(pk=application.company_id).exists(),
        "form": form,
    }
    return render(request, "empresa/appeal.html", context, status=status)
