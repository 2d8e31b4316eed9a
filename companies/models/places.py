from django.db import models
from django.utils.translation import gettext_lazy as _

from .company import plain

# Peru's departments and its constitutional province, as INEI writes them: filters offer them without a query.
DEPARTMENTS = (
    "Amazonas", "Áncash", "Apurímac", "Arequipa", "Ayacucho", "Cajamarca", "Callao", "Cusco", "Huancavelica",
    "Huánuco", "Ica", "Junín", "La Libertad", "Lambayeque", "Lima", "Loreto", "Madre de Dios", "Moquegua", "Pasco",
    "Piura", "Puno", "San Martín", "Tacna", "Tumbes", "Ucayali",
)  # fmt: skip


class DistrictQuerySet(models.QuerySet):
    def found_by(self, text, most=12):
        """Up to `most` districts whose names hold every word of `text`; those whose own name begins so come first."""
        words = plain(text).replace(",", " ").split()
        if not words:
            return []
        found = [district for district in self if all(word in plain(str(district)) for word in words)]
        return sorted(found, key=lambda d: (not plain(d.name).startswith(words[0]), str(d)))[:most]


class District(models.Model):
    """A district of INEI's ubigeo; the code is INEI's, not RENIEC's nor SUNAT's."""

    code = models.CharField(_("ubigeo"), max_length=6, primary_key=True)
    department = models.CharField(_("departamento"), max_length=60)
    province = models.CharField(_("provincia"), max_length=60)
    name = models.CharField(_("distrito"), max_length=80)

    objects = DistrictQuerySet.as_manager()

    class Meta:
        ordering = ["department", "province", "name"]
        verbose_name = _("distrito")
        verbose_name_plural = _("distritos")

    def __str__(self):
        return f"{self.name}, {self.province}, {self.department}"


# CIIU revision 4, by its letters.
SECTIONS = {
    "A": _("Agricultura, ganadería, silvicultura y pesca"),
    "B": _("Explotación de minas y canteras"),
    "C": _("Industrias manufactureras"),
    "D": _("Electricidad, gas, vapor y aire acondicionado"),
    "E": _("Agua, alcantarillado y desechos"),
    "F": _("Construcción"),
    "G": _("Comercio"),
    "H": _("Transporte y almacenamiento"),
    "I": _("Alojamiento y comidas"),
    "J": _("Información y comunicaciones"),
    "K": _("Actividades financieras y de seguros"),
    "L": _("Actividades inmobiliarias"),
    "M": _("Actividades profesionales, científicas y técnicas"),
    "N": _("Servicios administrativos y de apoyo"),
    "O": _("Administración pública"),
    "P": _("Enseñanza"),
    "Q": _("Salud y asistencia social"),
    "R": _("Artes, entretenimiento y recreación"),
    "S": _("Otros servicios"),
    "T": _("Hogares como empleadores"),
    "U": _("Organizaciones extraterritoriales"),
}


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

    @classmethod
    def by_section(cls):
        """The choices of a form, section by section: what transforms comes first, since that is what is looked for."""
        found = {}
        for activity in cls.objects.all():
            found.setdefault(activity.section, []).append((activity.code, str(activity)))
        order = sorted(found, key=lambda letter: (letter != "C", letter))
        return [(f"{letter} · {SECTIONS.get(letter, '')}", found[letter]) for letter in order]

    @property
    def transforms(self):
        """Whether the class is production or transformation (section C, or post-harvest work)."""
        return self.section == "C" or self.code == "0163"

    @property
    def trades(self):
        return self.code[:2] in {"45", "46", "47"}
