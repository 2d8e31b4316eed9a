from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audits.gates import licence_conditions
from audits.models import Certificate
from audits.printed import verification_url
from companies.models import Company
from ecoeficiencia.files.serving import serve
from ecoeficiencia.pdf import qr


@require_safe
def certificate(request, company):
    """The company's certificates and its right to use the mark, as they stand today."""
    company = get_object_or_404(Company.objects.belonging_to(request.user).distinct(), pk=company)
    today = timezone.localdate()
    rows = Certificate.objects.filter(company=company).for_page()
    context = {
        "company": company,
        "participation": company.participations.order_by("-edition__opens_on", "-pk").first(),
        "today": today,
        "rows": [_row(certificate, today) for certificate in rows],
    }
    return render(request, "empresa/certificate.html", context)


def _row(certificate, today):
    url = verification_url(certificate)
    return {
        "certificate": certificate,
        "status": certificate.status_on(today),
        "label": certificate.status_label(today),
        "url": url,
        "qr": qr(url),
        "licence": certificate.licence_or_none,
        "conditions": licence_conditions(certificate.decision.participation, today, certificate),
    }


@require_safe
def certificate_pdf(request, pk):
    certificate = get_object_or_404(Certificate.objects.of_members(request.user).select_related("pdf"), pk=pk)
    if certificate.pdf is None:
        raise Http404
    return serve(request, certificate.pdf, f"{certificate.number}.pdf", inline=True)
