"""Sectors of exporters: divisions of CIIU revision 4, by the first two digits of a class."""

from django.utils.translation import gettext_lazy as _

SECTORS = {
    "01": _("Agricultura y ganadería"),
    "02": _("Silvicultura"),
    "03": _("Pesca y acuicultura"),
    "10": _("Alimentos"),
    "11": _("Bebidas"),
    "13": _("Textiles"),
    "14": _("Prendas de vestir"),
    "15": _("Cuero y calzado"),
    "16": _("Madera"),
    "17": _("Papel"),
    "18": _("Imprenta"),
    "20": _("Sustancias y productos químicos"),
    "21": _("Productos farmacéuticos"),
    "22": _("Caucho y plástico"),
    "23": _("Minerales no metálicos"),
    "24": _("Metales comunes"),
    "25": _("Productos de metal"),
    "26": _("Informática y electrónica"),
    "27": _("Equipo eléctrico"),
    "28": _("Maquinaria"),
    "31": _("Muebles"),
    "32": _("Joyería y otras manufacturas"),
}
