"""The letters PROMPERÚ sends in an edition: their words by default, and the data a template may name."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

# What a template may name; each becomes what is true of the company it is written to.
PLACEHOLDERS = {
    "empresa": _("Razón social"),
    "ruc": _("RUC"),
    "representante": _("Representante legal"),
    "expediente": _("Número de expediente"),
    "edicion": _("Edición"),
    "motivacion": _("Motivación de la decisión"),
    "fecha": _("Fecha de la carta"),
    "asistencia": _("Asistencia mínima de la edición, en porcentaje"),
    "dias": _("Días hábiles para pedir que se reconsidere"),
}


@dataclass(frozen=True)
class LetterKind:
    key: str
    label: str
    title: str
    text: str


LETTERS = {
    kind.key: kind
    for kind in (
        LetterKind(
            "admission",
            _("Admisión"),
            _("Comunicación de admisión"),
            _(
                "Nos es grato comunicarle que {empresa}, con RUC {ruc}, fue admitida en {edicion}, según el expediente "
                "{expediente}.\n\n{motivacion}\n\nPara empezar, su representante legal debe firmar la carta de "
                "compromiso, que encontrará en el sistema."
            ),
        ),
        LetterKind(
            "rejection",
            _("No admisión"),
            _("Comunicación de no admisión"),
            _(
                "Le comunicamos que la postulación de {empresa}, con RUC {ruc}, a {edicion}, expediente {expediente}, "
                "no fue admitida por lo siguiente:\n\n{motivacion}\n\nSi no está de acuerdo, puede pedir que se "
                "reconsidere en un plazo de {dias} días hábiles desde que recibe esta carta."
            ),
        ),
        LetterKind(
            "waiting",
            _("Lista de espera"),
            _("Comunicación de lista de espera"),
            _(
                "Le comunicamos que {empresa}, con RUC {ruc}, cumple los requisitos de {edicion}, expediente "
                "{expediente}. Los lugares de la edición están ocupados; su empresa queda en lista de espera y le "
                "avisaremos si se libera uno.\n\n{motivacion}"
            ),
        ),
        LetterKind(
            "commitment",
            _("Compromisos de la carta"),
            _("Carta de compromiso"),
            _(
                "Designar a una persona que coordine la ecoeficiencia, con tiempo y autoridad suficientes, y avisar "
                "todo cambio en cinco días hábiles.\n"
                "Asistir a los talleres y alcanzar, como empresa, la asistencia mínima de la edición: {asistencia} % "
                "de los módulos.\n"
                "Recibir la asistencia técnica y dar al monitor acceso a las sedes comprendidas y a sus registros.\n"
                "Implementar los requisitos que le aplican y presentar evidencias veraces, legibles y fechadas.\n"
                "Registrar sus consumos de agua, energía y materiales, sus residuos y los costos de cada uno.\n"
                "Someterse a la preauditoría de PROMPERÚ y subsanar, dentro del plazo, toda no conformidad.\n"
                "Solicitar, gestionar y pagar la auditoría de certificación con un organismo habilitado.\n"
                "Mantener vigentes la licencia de funcionamiento y el certificado ITSE de cada sede."
            ),
        ),
    )
}
