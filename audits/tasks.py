"""What the audits room does without a person. Each is safe to run twice."""

from ecoeficiencia import pdf
from ecoeficiencia.jobs import handles

from .models import Certificate
from .printed import certificate_page


@handles("audits.certificate")
def print_certificate(certificate):
    """Make the PDF of a certificate that has none."""
    row = Certificate.objects.get(pk=certificate)
    if row.pdf_id is None:
        Certificate.objects.filter(pk=row.pk).update(pdf=pdf.keep("certificate.html", certificate_page(row)))
