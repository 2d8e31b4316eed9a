"""The sworn statement (S19): its words, by version. A new wording is a new version; what was signed keeps its own."""

import hashlib

from django.utils import timezone, translation
from django.utils.translation import gettext as _

VERSION = "1"


def words(company, edition, mandate):
    """The text in force for one company and its representative, in Spanish whatever the reader's language.

    It names both, so a change of either asks for a new one.
    """
    with translation.override("es-pe"):
        return _words(company, edition, mandate)


def _words(company, edition, mandate):
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
            _(
                "Que yo, %(name)s, identificado con %(document)s, represento a %(company)s, con RUC %(ruc)s, en "
                "calidad de %(position)s, con poder vigente para este acto."
            )
            % names,
            _(
                "Que la empresa está legalmente constituida e inscrita en los Registros Públicos, tiene el RUC activo "
                "y completa el tiempo de operación que pide la convocatoria de «%(edition)s»."
            )
            % names,
            _(
                "Que cada sede incluida en el alcance cuenta con licencia municipal de funcionamiento y con "
                "certificado de inspección técnica de seguridad en edificaciones (ITSE) vigente."
            ),
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
