"""The tables this room reads: certificates PROMPERÚ granted before the system began."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.imports import Importer, imports, repeated
from companies.models import Company, Duty, Event, User
from ecoeficiencia.models import Counter
from ecoeficiencia.tables import Column, Problem, day
from programs.importers import email, noon, ruc
from programs.models import Application, Edition, Participation
from requirements_std.models import Assessment

from .models import Audit, Certificate, CertificationBody, Decision
from .printed import printed_facts


@imports
class Certificates(Importer):
    """Each row is what a paper certificate says. It enters the register today, with the days it was granted for."""

    key = "certificates"
    label = gettext_lazy("Certificados ya emitidos")
    help = gettext_lazy("Cada fila entra en el registro público con el número y las fechas de su certificado en papel.")
    as_of_label = gettext_lazy("Fecha de la lista")
    image = "patch-check"
    duties = (Duty.COORDINATOR,)
    columns = (
        Column("number", gettext_lazy("Número"), help=gettext_lazy("como está impreso"), limit=30),
        Column("edition", gettext_lazy("Edición"), help=gettext_lazy("el nombre, como en el panel")),
        Column("ruc", gettext_lazy("RUC"), ruc),
        Column("name", gettext_lazy("Razón social"), limit=200),
        Column("granted_on", gettext_lazy("Otorgado el"), day),
        Column("valid_until", gettext_lazy("Vigente hasta"), day),
        Column("body", gettext_lazy("Organismo"), help=gettext_lazy("el nombre, como en el panel")),
        Column("decided_by", gettext_lazy("Decidió"), email, help=gettext_lazy("correo de quien tomó la decisión")),
        Column("products", gettext_lazy("Productos"), needed=False),
    )

    def check(self, rows, source):
        known = {
            "editions": {edition.name: edition for edition in Edition.objects.select_related("standard_version")},
            "bodies": set(CertificationBody.objects.values_list("name", flat=True)),
            "deciders": set(User.objects.with_duty(Duty.DECIDER).values_list("email", flat=True)),
            "numbers": set(Certificate.objects.values_list("number", flat=True)),
            "there": set(Application.objects.exclude(state="withdrawn").values_list("edition__name", "company__ruc")),
        }
        problems = repeated(rows, _("Número"), "number") + repeated(rows, _("RUC"), "edition", "ruc")
        for row in rows:
            problems += [Problem(row.number, *wrong) for wrong in self._wrong(row, source, **known)]
        return problems

    def _wrong(self, row, source, *, editions, bodies, deciders, numbers, there):
        edition = editions.get(row["edition"])
        if edition is None:
            yield _("Edición"), _("no hay una edición «%(name)s»") % {"name": row["edition"]}
        else:
            yield from self._wrong_number(row, edition)
        if row["number"] in numbers:
            yield _("Número"), _("ya hay un certificado con ese número")
        if (row["edition"], row["ruc"]) in there:
            yield _("RUC"), _("ya tiene una postulación en esa edición")
        if row["body"] not in bodies:
            yield _("Organismo"), _("«%(name)s» no está entre los organismos registrados") % {"name": row["body"]}
        if row["decided_by"] not in deciders or row["decided_by"] == source.uploaded_by.email:
            yield _("Decidió"), _("debe ser el correo de quien decide certificaciones, y no quien importa")
        if row["granted_on"] > source.as_of:
            yield _("Otorgado el"), _("es posterior a la fecha de la lista")
        if row["valid_until"] < row["granted_on"]:
            yield _("Vigente hasta"), _("es anterior al día en que se otorgó")

    def _wrong_number(self, row, edition):
        """A number of the system's own series would be given again."""
        if not edition.standard_version.is_frozen:
            yield _("Edición"), _("su estándar aún no está publicado")
        series = edition.parameter("certificate_series")
        if row["number"].upper().startswith(f"{series}-"):
            yield _("Número"), _("es de la serie %(series)s, que numera el sistema") % {"series": series}

    def describe(self, row):
        return f"{row['number']} · {row['name']} · {row['granted_on']:%d/%m/%Y} – {row['valid_until']:%d/%m/%Y}"

    def apply(self, rows, source, by):
        editions = {edition.name: edition for edition in Edition.objects.select_related("standard_version", "program")}
        bodies = {body.name: body for body in CertificationBody.objects.all()}
        deciders = {user.email: user for user in User.objects.with_duty(Duty.DECIDER)}
        for row in rows:
            known = {"body": bodies[row["body"]], "decider": deciders[row["decided_by"]], "by": by}
            self._bring_in(row, editions[row["edition"]], source, **known)
        words = ngettext(
            "%(n)s certificado entró en el registro.", "%(n)s certificados entraron en el registro.", len(rows)
        )
        return words % {"n": len(rows)}

    def _bring_in(self, row, edition, source, *, body, decider, by):
        company, new = Company.objects.get_or_create(ruc=row["ruc"], defaults={"legal_name": row["name"]})
        if new:
            Event.record(company, by=by, verb="create", note=source.filename)
        participation = self._participation(row, company, edition, source, by)
        decision = self._decision(row, participation, body, decider, by)
        on = row["granted_on"]
        certificate = Certificate.objects.create(
            decision=decision, company=company, scope=decision.audit.scope, number=row["number"], issued_on=on,
            valid_from=on, valid_until=row["valid_until"],
            printed=printed_facts(decision, signatory=decider, on=on) | {"imported": source.filename},
        )  # fmt: skip
        Event.record(certificate, by=by, verb="import", new=certificate.state, note=source.filename)
        certificate.enter("granted", on=on)

    def _participation(self, row, company, edition, source, by):
        """The way of the company through its edition, as short as the table tells it."""
        on, states = row["granted_on"], Application.State
        note = _("Certificada antes del sistema, según %(file)s.") % {"file": source.filename}
        application = Application.objects.create(
            edition=edition, company=company, state=states.ADMITTED, state_since=noon(on), created_by=by,
            created_at=noon(on), number=f"EXP-{on.year}-{Counter.next('EXP', on.year):05d}", submitted_at=noon(on),
            submitted_by=by, decision_grounds=note, decided_at=noon(on), decided_by=by,
        )  # fmt: skip
        Event.record(application, by=by, verb="import", note=note)
        assessment = Assessment.objects.open(
            company=company, standard_version=edition.standard_version, sites=company.sites.filter(closed_on=None),
            by=by, on=on,
        )  # fmt: skip
        assessment.scopes.update(products=row["products"] or "")
        participation = Participation.objects.create(
            application=application, edition=edition, company=company, assessment=assessment,
            state=Participation.State.CERTIFIED, state_since=noon(on),
        )  # fmt: skip
        Event.record(participation, by=by, verb="import", note=note)
        return participation

    def _decision(self, row, participation, body, decider, by):
        on, grounds = row["granted_on"], participation.application.decision_grounds
        audit = Audit.objects.create(
            kind=Audit.Kind.CERTIFICATION, participation=participation, scope=participation.assessment.scopes.get(),
            body=body, state=Audit.State.CONFIRMED, state_since=noon(on), created_by=by, closed_by=by,
            recommendation=Audit.Recommendation.CERTIFY, ended_at=noon(on),
        )  # fmt: skip
        Event.record(audit, by=by, verb="import", note=grounds)
        decision = Decision.objects.create(
            audit=audit, state=Decision.State.DECIDED, state_since=noon(on), proposal=Decision.Outcome.GRANT,
            proposal_grounds=grounds, proposed_by=by, proposed_at=noon(on), outcome=Decision.Outcome.GRANT,
            grounds=grounds, decided_by=decider, decided_at=noon(on),
        )  # fmt: skip
        Event.record(decision, by=by, verb="import", note=grounds)
        return decision
