"""Who may open each address of this app, in the order of urls.py. Printed into docs/permissions.md."""

from django.utils.translation import gettext_lazy as _

from companies.audience import ANY_MONITOR, AUDITOR, EDITORS, MEMBERS, MONITOR, STAFF, WORKING_PAPERS, Page

public = [
    Page(
        "evidence_file",
        _("Evidencia (archivo)"),
        read=WORKING_PAPERS | AUDITOR,
        note=_("El auditor, solo las evidencias de los requisitos dentro del alcance de su auditoría."),
    ),
]
empresa = [
    Page("board", _("Tablero de requisitos"), read=MEMBERS),
    Page("board_submit", _("Presentar varios requisitos"), read=EDITORS, act=EDITORS),
    Page("board_explain", _("Explicar varios requisitos"), read=EDITORS, act=EDITORS),
    Page("board_attach", _("Adjuntar un archivo a varios requisitos"), read=EDITORS, act=EDITORS),
    Page("conditions", _("Condiciones de cada sede"), read=EDITORS, act=EDITORS),
    Page("evidences", _("Biblioteca de evidencias"), read=MEMBERS, act=EDITORS),
    Page("evidence", _("Una evidencia"), read=MEMBERS, act=EDITORS),
    Page("evidence_replace", _("Subir una versión nueva de una evidencia"), act=EDITORS),
    Page("evidence_remove", _("Eliminar una evidencia de la biblioteca"), act=EDITORS),
    Page("fulfilment", _("Un requisito"), read=MEMBERS, act=EDITORS),
    Page("fulfilment_link", _("Vincular una evidencia"), act=EDITORS),
    Page("fulfilment_unlink", _("Quitar una evidencia"), act=EDITORS),
    Page("fulfilment_withdraw", _("Retirar lo presentado"), act=EDITORS),
    Page("fulfilment_na", _("Declarar que no aplica"), act=EDITORS),
    Page("fulfilment_comment", _("Escribir al monitor"), act=EDITORS),
]
monitor = [
    Page("review", _("Por revisar"), read=ANY_MONITOR),
    Page("accept", _("Aceptar varios requisitos"), read=MONITOR, act=MONITOR),
    Page("board", _("Tablero de requisitos"), read=MONITOR),
    Page("fulfilment", _("Revisar un requisito"), read=MONITOR, act=MONITOR),
    Page("fulfilment_comment", _("Escribir a la empresa o a PROMPERÚ"), act=MONITOR),
]
auditoria = []
panel = [
    Page("standard", _("Versiones del estándar"), read=STAFF),
    Page("standard_version", _("Una versión del estándar"), read=STAFF),
    Page("board", _("Tablero de requisitos"), read=STAFF),
    Page("fulfilment", _("Un requisito"), read=STAFF),
    Page("fulfilment_comment", _("Comentar un requisito"), act=STAFF),
]
