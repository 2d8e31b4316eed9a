"""The sworn statement (S19): its words, by version. A new wording is a new version; what was signed keeps its own."""

import hashlib

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

VERSION = "3"


def words(company, edition, mandate, sites, version=VERSION):
    """The text for a company, its representative and its sites in the scope, in Spanish whatever the reader's language.

    It names them, so a change of any asks for a new one. version: the wording; the first did not name the sites, the
    second did not say itself that one swears.
    """
    with translation.override("es-pe"):
        return _words(company, edition, mandate, [] if version == "1" else sites, swears=version not in ("1", "2"))


def parts(text):
    """(opening, points) as a text is printed; the first two wordings left the opening to the paper."""
    first, *points = text.split("\n\n")
    return (first, points) if first.endswith(":") else (_("Declaro bajo juramento:"), [first, *points])


def _of_sites(sites):
    if not sites:
        return _(
            "Que cada sede incluida en el alcance cuenta con licencia municipal de funcionamiento y con "
            "certificado de inspección técnica de seguridad en edificaciones (ITSE) vigente."
        )
    return ngettext(
        "Que la sede incluida en el alcance es %(sites)s, y que cuenta con licencia municipal de funcionamiento y con "
        "certificado de inspección técnica de seguridad en edificaciones (ITSE) vigente.",
        "Que las sedes incluidas en el alcance son %(sites)s, y que cada una cuenta con licencia municipal de "
        "funcionamiento y con certificado de inspección técnica de seguridad en edificaciones (ITSE) vigente.",
        len(sites),
    ) % {"sites": "; ".join(f"{site.name} ({site.address})" for site in sites)}


def _opening(swears):
    if swears:
        return _(
            "Yo, %(name)s, con documento de identidad %(document)s, en representación de %(company)s, con RUC %(ruc)s, "
            "en calidad de %(position)s y con poder vigente para este acto, declaro bajo juramento:"
        )
    return _(
        "Que yo, %(name)s, identificado con %(document)s, represento a %(company)s, con RUC %(ruc)s, en "
        "calidad de %(position)s, con poder vigente para este acto."
    )


def _words(company, edition, mandate, sites, *, swears):
    names = {
        "name": mandate.full_name,
        "document": f"{mandate.get_document_type_display()} {mandate.document_number}",
        "position": mandate.position,
        "company": company.legal_name,
        "ruc": company.ruc,
        "edition": edition.name,
    }
    return "\n\n".join(
        (
            _opening(swears) % names,
            _(
                "Que la empresa está legalmente constituida e inscrita en los Registros Públicos, tiene el RUC activo "
                "y completa el tiempo de operación que pide la convocatoria de «%(edition)s»."
            )
            % names,
            _of_sites(sites),
            _("Que la empresa exporta directamente y realiza un proceso propio de producción o transformación."),
            _("Que la empresa no tiene cuentas pendientes con PROMPERÚ, económicas ni documentarias."),
            _(
                "Que la información y los documentos que la empresa presenta con su postulación, y los que presente "
                "para subsanarla, son veraces y pueden ser verificados."
            ),
        )
    )


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def when(signature):
    return timezone.localtime(signature.signed_at).strftime("%d/%m/%Y, %H:%M")
