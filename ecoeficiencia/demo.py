"""The accounts of the demonstration, shown by bin/demo and on the sign-in page while ECO_DEMO is set."""

from django.utils.translation import gettext_lazy as _

PASSWORD = "demo-ecoeficiencia"
ACCOUNTS = [
    ("coordinacion@demo.example", _("coordina el programa: postulaciones, talleres, propuestas de decisión")),
    ("revision@demo.example", _("revisa postulaciones y puede ver la reconsideración que espera")),
    ("decision@demo.example", _("decide sobre la certificación")),
    ("admin@demo.example", _("administra el sistema y sus parámetros")),
    ("monitor@demo.example", _("acompaña a las empresas y revisa sus evidencias")),
    ("auditor@demo.example", _("preaudita por PROMPERÚ")),
    ("organismo@demo.example", _("gestiona un organismo certificador")),
    ("externo@demo.example", _("audita por ese organismo")),
    ("empresa@demo.example", _("trabaja en una empresa en implementación")),
    ("empresa2@demo.example", _("trabaja en otra empresa")),
    ("postulante@demo.example", _("trabaja en una empresa con una postulación en borrador")),
    ("reclamante@demo.example", _("reclama el RUC de una empresa que ya está registrada")),
]
_PANEL, _AUDIT, _COMPANY = ("panel", _("Panel")), ("auditoria", _("Auditoría")), ("empresa", _("Empresa"))
# The door each account comes in by, in the order of ACCOUNTS.
DOORS = [*[_PANEL] * 4, ("monitor", _("Monitoreo")), *[_AUDIT] * 3, *[_COMPANY] * 4]
