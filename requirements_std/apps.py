from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RequirementsStdConfig(AppConfig):
    name = "requirements_std"
    verbose_name = _("Estándar")
