"""What a certificate says for ever: copied from the company, the audit and the standard on the day of the decision."""

from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from companies.models import Duty


def printed_facts(decision, *, signatory, on, sites=None):
    """The facts a certificate of `decision` keeps and prints, as plain JSON. Dates are ISO.

    sites: those in the scope with their districts, when they are at hand.
    """
    audit = decision.audit
    company, scope = audit.participation.company, audit.scope
    version = audit.participation.assessment.standard_version
    sites = sites or list(scope.sites.select_related("district")) or list(company.sites.select_related("district"))
    return {
        "company_name": company.legal_name,
        "trade_name": company.trade_name,
        "ruc": company.ruc,
        "locality": sites[0].district.department if sites else "",
        "sector": company.activity.name if company.activity else "",
        "activity": company.activity_id or "",
        "website": company.website,
        "sites": [_site(site) for site in sites],
        "processes": scope.processes or company.process,
        "products": scope.products or company.products,
        "standard": version.standard.name,
        "version": version.edition,
        "unofficial": not version.is_official,
        "disclaimer": version.disclaimer,
        "edition": audit.participation.edition.name,
        "body": audit.body.name,
        "body_resolution": audit.body.resolution,
        "audited_from": audit.starts_on.isoformat() if audit.starts_on else "",
        "audited_until": audit.ends_on.isoformat() if audit.ends_on else "",
        "decided_on": on.isoformat(),
        "signatory": {"name": str(signatory), "position": str(Duty.DECIDER.label)},
    }


def _site(site):
    district = site.district
    return {
        "name": site.name,
        "address": site.address,
        "department": district.department,
        "province": district.province,
        "district": district.name,
        "process": site.process,
    }


def verification_url(certificate):
    """The whole address that proves `certificate`, as its QR code carries it."""
    return settings.SITE_URL + reverse("public:verification", args=[certificate.code])


def certificate_page(certificate):
    """What templates/pdf/certificate.html shows, from what the certificate keeps."""
    facts = certificate.printed
    name, sites = facts["company_name"], facts["sites"]
    return facts | {
        "number": certificate.number,
        "code": certificate.code,
        "code_lines": [certificate.code[:16], certificate.code[16:]],
        "name_class": "xl" if len(name) > 90 else "l" if len(name) > 60 else "m" if len(name) > 34 else "",
        "annex": len(sites) > 1 or len(facts["processes"]) > 230,
        "version": f"{facts['standard']} · {facts['version']}",
        "decided_on": date.fromisoformat(facts["decided_on"]),
        "valid_from": certificate.valid_from,
        "valid_until": certificate.valid_until,
        "host": urlsplit(settings.SITE_URL).netloc,
        "proof": verification_url(certificate),
        "microtext": range(5),
    }
