"""A person's companies, and bringing one in."""

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.forms.company import RegisterForm
from companies.models import Company, SiteDocument
from ecoeficiencia.uploads import serve


def home(request):
    """My companies; who has one goes straight to it."""
    companies = list(Company.objects.belonging_to(request.user))
    if len(companies) == 1:
        return redirect("empresa:company", companies[0].pk)
    return render(request, "empresa/home.html", {"companies": companies})


def register(request):
    form = RegisterForm(request.POST or None)
    if form.is_valid():
        try:
            company = Company.register(by=request.user, **form.cleaned_data, **_self_check(request))
        except IntegrityError:  # registered by somebody else in this moment
            form.add_error("ruc", Company._meta.get_field("ruc").error_messages["unique"])
            return _taken(request, form)
        messages.success(request, _("Registró %(company)s.") % {"company": company})
        return redirect("empresa:company", company.pk)
    if form.is_bound and form.is_duplicate:
        return _taken(request, form)
    return render(request, "empresa/register.html", {"form": form}, status=422 if form.is_bound else 200)


def _self_check(request):
    """What the person already told in the public self-check."""
    return {name: value for name, value in request.session.pop("prefill", {}).items() if value}


def _taken(request, form):
    """The RUC is on record. Never say by whom: the claim goes to PROMPERÚ."""
    Company.claim(form.data.get("ruc", "").strip(), by=request.user)
    context = {"form": form, "taken": True, "help_email": settings.HELP_EMAIL}
    return render(request, "empresa/register.html", context, status=422)


def profile(request, company):
    company = get_object_or_404(Company.objects.belonging_to(request.user).select_related("activity"), pk=company)
    context = {
        "company": company,
        "mandate": company.mandate_on(timezone.localdate()),
        "sites": company.sites.for_application(),
        "exports": company.exports.all(),
        "may_edit": Company.objects.edited_by(request.user).filter(pk=company.pk).exists(),
    }
    return render(request, "empresa/profile.html", context)


def site_document_file(request, pk):
    paper = get_object_or_404(SiteDocument.objects.visible_to(request.user).exclude(blob=None), pk=pk)
    return serve(paper.blob, paper.filename, inline=True)
