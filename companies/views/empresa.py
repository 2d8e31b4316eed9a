"""A person's companies, and bringing one in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from companies import throttle
from companies.forms.company import RegisterForm
from companies.forms.sections import FORMS
from companies.models import Claim, Company, Event, Taken
from companies.timeline import Timeline
from ecoeficiencia import once
from ecoeficiencia.errors import too_many_requests

from .empresa_profile import site_rows


@require_safe
def home(request):
    """My companies; who has one goes straight to it."""
    companies, claims = list(Company.objects.belonging_to(request.user)), list(Claim.objects.of(request.user))
    if len(companies) == 1 and not any(claim.state == Claim.State.FILED for claim in claims):
        return redirect("empresa:company", companies[0].pk)
    return render(request, "empresa/home.html", {"companies": companies, "claims": claims})


def register(request):
    form = RegisterForm(request.POST or None)
    if form.is_valid():
        try:
            company = Company.register(by=request.user, **form.cleaned_data, **_self_check(request))
        except (IntegrityError, Taken):
            form.add_error("ruc", ValidationError(Company._meta.get_field("ruc").error_messages["unique"], "unique"))
            return _taken(request, form)
        messages.success(request, _("Su empresa quedó registrada: %(company)s") % {"company": company})
        return redirect("empresa:company", company.pk)
    if form.is_bound and form.is_duplicate:
        return _taken(request, form)
    return render(request, "empresa/register.html", {"form": form}, status=422 if form.is_bound else 200)


def _self_check(request):
    """What the person already told in the public self-check: what fills fields in, and every answer as given."""
    told = {name: value for name, value in request.session.pop("prefill", {}).items() if value}
    return told | {"self_check": request.session.pop("self_check", {})}


def _taken(request, form):
    """The RUC is on record. Never say by whom: the claim goes to PROMPERÚ. Trying one after another gets slow."""
    try:
        throttle.Delay(f"claim:{request.user.pk}", 5, 60 * 60).take()
    except throttle.Throttled as pause:
        return too_many_requests(request, wait=pause.wait, texts=once.texts_of(request))
    Company.claim(form.instance.ruc, by=request.user)
    context = {"form": form, "taken": True, "ruc": form.instance.ruc}
    return render(request, "empresa/register.html", context, status=422)


@require_safe
def history(request, company):
    """What happened with the company's papers: acts and changes, whoever made them."""
    company = get_object_or_404(Company.objects.belonging_to(request.user), pk=company)
    readings = request.GET.get("ver") == "lecturas"
    if readings:
        events = Event.objects.filter(company=company).readings()
    else:
        events = Event.objects.visible_to(request.user).filter(company=company).acts()
    context = {"company": company, "events": Timeline(request, events), "readings": readings}
    return render(request, "empresa/history.html", context)


@require_safe
def profile(request, company):
    company = get_object_or_404(Company.objects.belonging_to(request.user).select_related("activity"), pk=company)
    may_edit = Company.objects.edited_by(request.user).filter(pk=company.pk).exists()
    locks = company.applications.locks()
    links = {
        section: reverse("empresa:profile_section", args=[company.pk, section])
        for section in FORMS
        if may_edit and not locks.sentence(section)
    }
    context = {
        "company": company,
        "mandate": company.mandate_on(timezone.localdate()),
        "sites": site_rows(company, may_edit),
        "exports": company.exports.all(),
        "links": {section: links.get(section, "") for section in FORMS},
        "may_add_site": may_edit and not locks.sentence("sedes", kind="new"),
        "may_add_export": may_edit and not locks.sentence("exportaciones"),
        "registry": company.former_rucs.all(),
        "locked": locks.sentence("empresa"),
    }
    return render(request, "empresa/profile.html", context)
