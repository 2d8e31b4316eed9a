"""The tables this room reads: a cohort that was already running when the system began."""

from datetime import datetime, time

from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.imports import Importer, imports, repeated, tally
from companies.models import Company, Duty, Event, Invitation, Membership, User
from companies.ruc import RucField
from ecoeficiencia.models import Counter
from ecoeficiencia.tables import Column, Problem, day, one_of

from .models import Application, Edition, Participation

STAGES = {"letter": gettext_lazy("Carta por firmar"), "implementing": gettext_lazy("En implementación")}


def ruc(text):
    return RucField().clean(text)


def email(text):
    validate_email(text)
    return text.lower()


def noon(on):
    return timezone.make_aware(datetime.combine(on, time(12)))


@imports
class Cohort(Importer):
    """Companies admitted before: each gets its file and letter and, in implementation, monitor and requirements."""

    key = "cohort"
    label = gettext_lazy("Empresas de una edición en curso")
    help = gettext_lazy("Cada fila abre el expediente de una empresa ya admitida y la invita por correo.")
    as_of_label = gettext_lazy("Fecha de la lista")
    image = "buildings"
    duties = (Duty.COORDINATOR,)
    columns = (
        Column("edition", gettext_lazy("Edición"), help=gettext_lazy("el nombre, como en el panel")),
        Column("ruc", gettext_lazy("RUC"), ruc),
        Column("name", gettext_lazy("Razón social"), limit=200),
        Column("email", gettext_lazy("Correo"), email, help=gettext_lazy("de quien coordina en la empresa"), limit=254),
        Column("admitted_on", gettext_lazy("Admitida el"), day),
        Column("stage", gettext_lazy("Etapa"), one_of(STAGES), help=" / ".join(map(str, STAGES.values()))),
        Column("monitor", gettext_lazy("Monitor"), email, False, gettext_lazy("correo; si está en implementación")),
        Column("origin", gettext_lazy("Expediente de origen"), needed=False),
    )

    def check(self, rows, source):
        editions = {edition.name: edition for edition in Edition.objects.select_related("standard_version")}
        monitors = set(User.objects.with_duty(Duty.MONITOR).values_list("email", flat=True))
        there = set(
            Application.objects.exclude(state=Application.State.WITHDRAWN).values_list("edition__name", "company__ruc")
        )
        problems = repeated(rows, _("RUC"), "edition", "ruc")
        for row in rows:
            problems += [Problem(row.number, *wrong) for wrong in self._wrong(row, editions, monitors, there, source)]
        return problems

    def _wrong(self, row, editions, monitors, there, source):
        edition = editions.get(row["edition"])
        if edition is None:
            yield _("Edición"), _("no hay una edición «%(name)s»") % {"name": row["edition"]}
        elif not edition.standard_version.is_frozen:
            yield _("Edición"), _("su estándar aún no está publicado")
        if (row["edition"], row["ruc"]) in there:
            yield _("RUC"), _("ya tiene una postulación en esa edición")
        if row["admitted_on"] > source.as_of:
            yield _("Admitida el"), _("es posterior a la fecha de la lista")
        if row["stage"] == "implementing" and row["monitor"] not in monitors:
            yield _("Monitor"), _("falta, o no es el correo de alguien que acompaña empresas")

    def describe(self, row):
        return f"{row['edition']} · {row['ruc']} {row['name']} · {STAGES[row['stage']]}"

    def apply(self, rows, source, by):
        editions = {edition.name: edition for edition in Edition.objects.select_related("standard_version", "program")}
        monitors = {user.email: user for user in User.objects.with_duty(Duty.MONITOR)}
        for row in rows:
            self._bring_in(row, editions[row["edition"]], monitors.get(row["monitor"]), source, by)
        return ngettext("%(n)s empresa: %(stages)s.", "%(n)s empresas: %(stages)s.", len(rows)) % {
            "n": len(rows), "stages": tally(str(STAGES[row["stage"]]).lower() for row in rows),
        }  # fmt: skip

    def _bring_in(self, row, edition, monitor, source, by):
        company, new = Company.objects.get_or_create(ruc=row["ruc"], defaults={"legal_name": row["name"]})
        if new:
            Event.record(company, by=by, verb="create", note=source.filename)
        participation = self._admit(row, company, edition, source, by)
        if row["stage"] == "implementing":
            self._start(participation, monitor, by, source.as_of)
        if not company.memberships.exists():
            Invitation.send(company, email=row["email"], role=Membership.Role.COORDINATOR, by=by)

    def _admit(self, row, company, edition, source, by):
        """The file as it would be after an admission of that day; whoever imports answers for it."""
        on, grounds = row["admitted_on"], _("Admitida antes del sistema, según %(file)s.") % {"file": source.filename}
        if row["origin"]:
            grounds += " " + _("Expediente de origen: %(number)s.") % {"number": row["origin"]}
        application = Application.objects.create(
            edition=edition, company=company, state=Application.State.ADMITTED, state_since=noon(on),
            number=f"EXP-{on.year}-{Counter.next('EXP', on.year):05d}", created_by=by, created_at=noon(on),
            submitted_at=noon(on), submitted_by=by, decision_grounds=grounds, decided_at=noon(on), decided_by=by,
        )  # fmt: skip
        Event.record(application, by=by, verb="import", note=grounds)
        return Participation.objects.open(application, by=by, on=on)

    def _start(self, participation, monitor, by, on):
        """Its letter was signed and verified on paper; the requirements open for the monitor."""
        letter, states, now = participation.letter, participation.State, timezone.now()
        note = _("Firmada y verificada antes del sistema.")
        letter.move(letter.State.SIGNED, by=by, note=note, signed_at=now, uploaded_by=by)
        participation.move(states.LETTER_SIGNED, by=by, note=note)
        letter.move(letter.State.VERIFIED, by=by, note=note, verified_at=now, verified_by=by)
        participation.assign_monitor(monitor=monitor, by=by)
