from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EcoeficienciaConfig(AppConfig):
    name = "ecoeficiencia"
    verbose_name = _("Sistema")

    def ready(self):
        from . import checks  # noqa: F401  (registers itself)
