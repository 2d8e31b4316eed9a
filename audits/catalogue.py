"""The public catalogue: who is certified, by sector, region and status, with its map and its open data."""

import re
from functools import cache
from pathlib import Path

import django_filters
from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from audits.models import Certificate
from companies.models.company import plain
from requirements_std.models import Scope

STATUSES = (
    ("in_force", _("Solo vigentes")),
    ("expiring", _("Por vencer")),
    ("suspended", _("Suspendidos")),
    ("withdrawn", _("Retirados")),
    ("expired", _("Vencidos")),
)
# Divisions of CIIU revision 4 an exporter of the programme may have.
SECTORS = {
    "01": _("Agricultura y poscosecha"),
    "02": _("Silvicultura"),
    "03": _("Pesca y acuicultura"),
    "10": _("Alimentos"),
    "11": _("Bebidas"),
    "13": _("Textiles"),
    "14": _("Prendas de vestir"),
    "15": _("Cuero y calzado"),
    "16": _("Madera"),
    "17": _("Papel"),
    "18": _("Impresión"),
    "19": _("Refinación"),
    "20": _("Productos químicos"),
    "21": _("Productos farmacéuticos"),
    "22": _("Caucho y plástico"),
    "23": _("Cerámica y vidrio"),
    "24": _("Metales comunes"),
    "25": _("Productos de metal"),
    "26": _("Electrónica y óptica"),
    "27": _("Equipo eléctrico"),
    "28": _("Maquinaria"),
    "29": _("Vehículos"),
    "30": _("Otro equipo de transporte"),
    "31": _("Muebles"),
    "32": _("Artesanía y joyería"),
    "33": _("Reparación de maquinaria"),
}


def sector_of(activity):
    """The sector a class of CIIU belongs to, in words."""
    return SECTORS.get(str(activity)[:2], _("Otras actividades"))


class CatalogueFilter(django_filters.FilterSet):
    """Filters from the address. Without a status: those in force and those suspended."""

    q = django_filters.CharFilter(label=_("Nombre, producto o RUC"), method="by_text")
    departamento = django_filters.ChoiceFilter(
        label=_("Departamento"), empty_label=_("Todo el país"), method="by_department"
    )
    sector = django_filters.ChoiceFilter(
        label=_("Sector"),
        empty_label=_("Todos los sectores"),
        choices=sorted(SECTORS.items(), key=lambda pair: plain(str(pair[1]))),
        method="by_sector",
    )
    estado = django_filters.ChoiceFilter(
        label=_("Estado"), empty_label=_("Vigentes y suspendidos"), choices=STATUSES, method="by_status"
    )

    def __init__(self, data, *, on):
        self.on = on
        super().__init__(data, queryset=Certificate.objects.public(on).exclude(state="replaced"))
        self.filters["departamento"].extra["choices"] = [(slug_of(name), name) for name in departments()]

    def filter_queryset(self, queryset):
        if not self.form.cleaned_data.get("estado"):
            queryset = queryset.with_status("current", self.on)
        return super().filter_queryset(queryset)

    def by_text(self, rows, name, value):
        return rows.search(value)

    def by_department(self, rows, name, value):
        named = next((label for label in departments() if slug_of(label) == value), value)
        return rows.filter(scope__in=Scope.objects.filter(sites__district__department=named).values("pk"))

    def by_sector(self, rows, name, value):
        return rows.filter(company__activity__code__startswith=value)

    def by_status(self, rows, name, value):
        return rows.with_status(value, self.on)

    def by_region(self):
        """How many certificates each department has under the other filters, by its plain name."""
        others = type(self)({k: v for k, v in self.data.items() if k != "departamento"}, on=self.on)
        rows = others.qs.order_by().values_list("scope__sites__district__department")
        return {slug_of(name): n for name, n in rows.annotate(n=Count("pk", distinct=True)) if name}


def slug_of(department):
    return plain(department).replace(" ", "-")


@cache
def shapes():
    """The departments of static/img/peru.svg: name, outline, and where its number stands."""
    drawing = (Path(settings.BASE_DIR) / "static" / "img" / "peru.svg").read_text()
    found = re.findall(r'<path[^>]*?d="([^"]+)"[^>]*><title>([^<]+)</title>', drawing)
    return [(name, outline, *_middle(outline)) for outline, name in found]


def departments():
    return [name for name, *_rest in shapes()]


def _middle(outline):
    """Centroid of a closed outline of straight lines, in the units of the drawing."""
    points = [tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+),(-?[\d.]+)", outline)]
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return (round(x / (3 * area)), round(y / (3 * area))) if area else points[0]


def shade(count):
    """Which of the five tones of the map `count` takes: 0, 1-2, 3-4, 5-7, 8 or more."""
    return next(tone for tone, limit in ((0, 0), (1, 2), (2, 4), (3, 7), (4, count)) if count <= limit)


def region_map(counts, query):
    """The map's departments with their count, tone and the address that filters by them."""
    rows = []
    for name, outline, x, y in shapes():
        params = query.copy()
        params["departamento"] = slug_of(name)
        params.pop("pagina", None)
        count = counts.get(slug_of(name), 0)
        rows.append(
            {
                "name": name,
                "outline": outline,
                "count": count,
                "tone": f"q{shade(count)}",
                "chosen": query.get("departamento") == slug_of(name),
                "url": f"?{params.urlencode()}",
                "x": x,
                "y": y + 7,
                "white": shade(count) >= 4,
            }
        )
    return rows


def card(certificate, on):
    """What the public reads of a certificate in a list: nothing of a person."""
    facts = certificate.printed
    regions = dict.fromkeys(site["department"] for site in facts.get("sites", []))
    licence = certificate.licence_or_none
    return {
        "number": certificate.number,
        "slug": certificate.slug,
        "company": facts.get("company_name", ""),
        "ruc": facts.get("ruc", ""),
        "holder": certificate.holder,
        "ruc_now": certificate.holder.get("ruc") or facts.get("ruc", ""),
        "sector": sector_of(facts.get("activity", "")),
        "products": facts.get("products", ""),
        "regions": ", ".join(regions),
        "sites": facts.get("sites", []),
        "processes": facts.get("processes", ""),
        "body": facts.get("body", ""),
        "standard": f"{facts.get('standard', '')} · {facts.get('version', '')}",
        "unofficial": facts.get("unofficial", False),
        "website": facts.get("website", ""),
        "issued_on": certificate.issued_on,
        "valid_until": certificate.valid_until,
        "status": certificate.status_on(on),
        "label": certificate.status_label(on),
        "licence": licence.status_on(on) if licence else "",
        "licence_label": licence.status_label(on) if licence else _("Sin licencia"),
    }


OPEN_DATA = {
    "numero": "number",
    "organizacion": "company",
    "ruc": "ruc",
    "ruc_actual": "ruc_now",
    "sector": "sector",
    "productos": "products",
    "departamentos": "regions",
    "alcance": "processes",
    "estandar": "standard",
    "no_oficial": "unofficial",
    "organismo": "body",
    "otorgado": "issued_on",
    "vigente_hasta": "valid_until",
    "estado": "status_word",
    "uso_de_la_marca": "licence_label",
}


def open_row(certificate, on):
    """One line of the open data, with plain values."""
    facts = card(certificate, on) | {"status_word": str(certificate.status_label(on))}
    row = {name: facts[key] for name, key in OPEN_DATA.items()}
    return {
        k: v.isoformat() if hasattr(v, "isoformat") else v if isinstance(v, bool) else str(v) for k, v in row.items()
    }
