"""What a company put right after the observations: its second version, to be compared with the first."""

from datetime import timedelta

from django.utils import timezone

from companies.models import ExportRecord, Site, SiteDocumentFile
from programs.models import ApplicationRevision, PaperFile
from programs.snapshot import handed_in

from . import papers
from .firms import demo_blob, export

BEFORE = timedelta(hours=20)  # from the last correction to the hand-in


def create(firms):
    """A new scan of the first site's licence, the whole power of attorney and one more export; then all handed in."""
    by_company = {firm.company.pk: firm.application for firm in firms}
    first_sites = [firm.sites[0] for firm in firms]
    scans = SiteDocumentFile.objects.filter(document__kind="licence", document__site__in=first_sites)
    licences = list(scans.select_related("document"))
    for file in licences:
        file.uploaded_at = by_company[file.document.company_id].created_at
    SiteDocumentFile.objects.bulk_update(licences, ["uploaded_at"])
    powers = PaperFile.objects.filter(paper__application__in=by_company.values(), paper__entry__key="poder")
    scan = {"blob": demo_blob("Licencia de funcionamiento, completa"), "filename": "licencia-completa.pdf"}
    SiteDocumentFile.objects.bulk_create(
        _next(file, by_company[file.document.company_id], document=file.document, **scan) for file in licences
    )
    whole = {"blob": demo_blob("Vigencia de poder, dos hojas"), "filename": "vigencia-de-poder-completa.pdf"}
    PaperFile.objects.bulk_create(
        _next(file, file.paper.application, paper=file.paper, handed_in_at=file.paper.application.state_since, **whole)
        for file in powers.select_related("paper__application")
    )
    exports = [export(firm, 3, timezone.localdate(firm.application.state_since)) for firm in firms]
    ExportRecord.objects.bulk_create(exports)
    _hand_in(firms)


def _next(file, application, **facts):
    """The version after the first, `file`, of an application that was mended."""
    at = application.state_since - BEFORE
    return type(file)(version=2, replaces=file, uploaded_by=file.uploaded_by, uploaded_at=at, **facts)


def _hand_in(firms):
    shown, record = papers.of([firm.application for firm in firms]), demo_blob("Ficha de postulación")
    for firm in firms:
        application, company = firm.application, firm.company
        sites, signature = Site.objects.filter(company=company).for_application(), application.signatures.get()
        data = handed_in(company, firm.mandate, sites, company.exports.all(), signature, shown[application.pk])
        ApplicationRevision.objects.create(
            application=application, number=2, data=data, submitted_by=firm.user,
            submitted_at=application.state_since, record=record,
        )  # fmt: skip
