from django.db import models
from django.utils.translation import gettext_lazy as _

# Peru's departments and its constitutional province, as INEI writes them: filters offer them without a query.
DEPARTMENTS = (
    "Amazonas", "Áncash", "Apurímac", "Arequipa", "Ayacucho", "Cajamarca", "Callao", "Cusco", "Huancavelica",
    "Huánuco", "Ica", "Junín", "La Libertad", "Lambayeque", "Lima", "Loreto", "Madre de Dios", "Moquegua", "Pasco",
    "Piura", "Puno", "San Martín", "Tacna", "Tumbes", "Ucayali",
)  # fmt: skip


class District(models.Model):
    """A district of INEI's ubigeo; the code is INEI's, not RENIEC's nor SUNAT's."""

    code = models.CharField(_("ubigeo"), max_length=6, primary_key=True)
    department = models.CharField(_("departamento"), max_length=60)
    province = models.CharField(_("provincia"), max_length=60)
    name = models.CharField(_("distrito"), max_length=80)

    class Meta:
        ordering = ["department", "province", "name"]
        verbose_name = _("distrito")
        verbose_name_plural = _("distritos")

    def __str__(self):
        return f"{self.name}, {self.province}, {self.department}"


class Activity(models.Model):
    """A class of CIIU revision 4."""

    code = models.CharField(_("CIIU"), max_length=4, primary_key=True)
    section = models.CharField(_("sección"), max_length=1)
    name = models.CharField(_("descripción"), max_length=250)

    class Meta:
        ordering = ["code"]
        verbose_name = _("actividad económica")
        verbose_name_plural = _("actividades económicas")

    def __str__(self):
        return f"{self.code} {self.name}"

    @property
    def transforms(self):
        """Whether the class is production or transformation (section C, or post-harvest work)."""
        return self.section == "C" or self.code == "0163"

    @property
    def trades(self):
        return self.code[:2] in {"45", "46", "47"}
