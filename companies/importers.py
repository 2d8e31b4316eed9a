"""The tables this room reads: pending accounts with PROMPERÚ."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ecoeficiencia.fields import MarkedField
from ecoeficiencia.jobs import Job
from ecoeficiencia.tables import Column, Problem, one_of

from .imports import Importer, imports, repeated, tally
from .models import Debtor, Duty
from .ruc import check_digit


def any_ruc(text):
    """A RUC of any prefix: natural persons owe, too."""
    text = MarkedField.MARKS.sub("", text)
    if not (len(text) == 11 and text.isascii() and text.isdigit()):
        raise ValueError(_("«%(text)s» no es un RUC de 11 dígitos") % {"text": text})
    if check_digit(text[:10]) != int(text[10]):
        raise ValueError(_("el último dígito de %(text)s no corresponde a un RUC") % {"text": text})
    return text


@imports
class Debtors(Importer):
    key = "debtors"
    label = gettext_lazy("Cuentas pendientes con PROMPERÚ")
    help = gettext_lazy("Reemplaza a la lista anterior: quien no figura está al día. Una fila por RUC y tipo.")
    as_of_label = gettext_lazy("Fecha de la lista")
    image = "cash-coin"
    duties = (Duty.COORDINATOR, Duty.ADMINISTRATOR, Duty.REVIEWER)
    columns = (
        Column("ruc", gettext_lazy("RUC"), any_ruc),
        Column(
            "kind",
            gettext_lazy("Tipo"),
            one_of(dict(Debtor.Kind.choices)),
            help=gettext_lazy("Económica o Documentaria"),
        ),
        Column("name", gettext_lazy("Razón social"), needed=False, limit=250),
        Column("detail", gettext_lazy("Detalle"), needed=False),
    )

    def check(self, rows, source):
        return [*self._overtaken(source), *repeated(rows, _("RUC"), "ruc", "kind")]

    def _overtaken(self, source):
        """A list older than the one in force would be kept and never asked."""
        newer = type(source).objects.filter(kind=self.key, state=source.State.CONFIRMED, as_of__gt=source.as_of)
        if last := newer.order_by("as_of").last():
            days = {"day": f"{source.as_of:%d/%m/%Y}", "newer": f"{last.as_of:%d/%m/%Y}"}
            yield Problem(1, "", _("la lista es del %(day)s y ya está cargada una del %(newer)s") % days)

    def describe(self, row):
        return f"{row['ruc']} · {Debtor.Kind(row['kind']).label} · {row['name'] or '—'}"

    def apply(self, rows, source, by):
        Debtor.objects.bulk_create(
            Debtor(
                source=source,
                ruc=row["ruc"],
                kind=row["kind"],
                name=row["name"] or "",
                detail=row["detail"] or "",
            )
            for row in rows
        )
        Job.enqueue("programs.recheck", key=f"recheck:debtors:{source.pk}", payload={})
        kinds = tally(Debtor.Kind(row["kind"]).label.lower() for row in rows)
        words = ngettext("%(n)s cuenta: %(kinds)s.", "%(n)s cuentas: %(kinds)s.", len(rows))
        return words % {"n": len(rows), "kinds": kinds}
