from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class EcoeficienciaConfig(AppConfig):
    name = "ecoeficiencia"
    verbose_name = _("Sistema")

    def ready(self):
        from . import checks  # noqa: F401  (registers itself)
        from .walls import install

        pre_migrate.connect(install.before_migrations, sender=self)
        post_migrate.connect(install.after_migrations, sender=self)
