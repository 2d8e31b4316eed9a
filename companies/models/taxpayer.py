from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Padron(models.Model):
    """One load of SUNAT's padrón reducido: which file, of which day, what was left out. The last one counts."""

    filename = models.CharField(_("archivo"), max_length=200)
    sha256 = models.CharField(max_length=64)
    as_of = models.DateField(_("fecha del padrón"))
    loaded_at = models.DateTimeField(_("cargado el"), default=timezone.now)
    taxpayers = models.PositiveIntegerField(_("contribuyentes"))
    # The lines that were broken and left out, at most the first fifty.
    left_out = models.PositiveIntegerField(_("líneas dejadas fuera"), default=0)
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("padrón de SUNAT")
        verbose_name_plural = _("padrones de SUNAT")

    def __str__(self):
        return f"{_('Padrón reducido de SUNAT')} {self.as_of:%d/%m/%Y}"


class Taxpayer(models.Model):
    """A line of the padrón in force. Loaded and replaced as a whole, never edited."""

    ruc = models.CharField(_("RUC"), max_length=11, primary_key=True)
    name = models.CharField(_("razón social"), max_length=250)
    state = models.CharField(_("estado del contribuyente"), max_length=40)
    condition = models.CharField(_("condición de domicilio"), max_length=40)
    ubigeo = models.CharField(max_length=6, blank=True)

    class Meta:
        verbose_name = _("contribuyente")
        verbose_name_plural = _("contribuyentes")

    def __str__(self):
        return f"{self.ruc} {self.name}"
