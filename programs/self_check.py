"""Eight questions a visitor answers before signing up, and what each answer means for them."""

from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.domains import FREE_MAIL, mail_domain
from ecoeficiencia.workdays import anniversary_eve

from .eligibility import months_before

YES, NO, UNSURE = "yes", "no", "unsure"
ANSWERS = [(YES, gettext_lazy("Sí")), (NO, gettext_lazy("No")), (UNSURE, gettext_lazy("No estoy seguro"))]


@dataclass(frozen=True)
class Answer:
    """What we can say of one question: met (True), not met (False) or to be found out (None), and what can be done.

    contradicted: what the application's own data say otherwise.
    """

    label: str
    met: bool | None
    advice: str = ""
    contradicted: str = ""


# Where in the application each question comes back, and as which conditions; accounts with PROMPERÚ have no section.
QUESTIONS = {
    "legal": ("empresa", ("legal",)),
    "operation": ("empresa", ("operation",)),
    "licence": ("sedes", ("licence",)),
    "itse": ("sedes", ("itse",)),
    "exports": ("exportaciones", ("exports",)),
    "production": ("proceso", ("production",)),
    "mail": ("comunicaciones", ("corporate_mail", "website")),
    "debts": ("", ()),
}
FILLED = ("started_on", "email", "website")  # the fields of a company that the answers fill in


@dataclass(frozen=True)
class Declared:
    """What a company answered of one section before it had an account: the day, the answers, the fields they filled."""

    on: date | None = None
    answers: tuple = ()
    fields: tuple = ()


def declared(application, section, items, completed=None):
    """What is still worth repeating of those answers beside `section`.

    items: the section's part of the checklist. completed: the event that says that somebody completed it: the fields
    that the answers filled in were looked at then. Once the data of the application answer a question, what was said
    of it is told only where they say otherwise.
    """
    company, answers = application.company, application.company.self_check
    if not answers:
        return Declared()
    asked = {key: conditions for key, (place, conditions) in QUESTIONS.items() if place == section}
    found = outcome(answers, application.edition)
    told = tuple(
        answer for key, conditions in asked.items() if (answer := _beside(found[key], company, key, conditions, items))
    )
    fields = tuple(n for n in FILLED if answers.get(n) and str(getattr(company, n)) == answers[n])
    return Declared(_day(answers.get("on")), told, () if completed else fields)


def _beside(answer, company, key, conditions, items):
    """`answer` as it stands beside the data, or None when those say all there is to say."""
    own = [item for item in items if item.key.partition(":")[0] in conditions]
    unmet = next((str(item) for item in own if not item.done), "")
    if not _has_data(company, key):
        return answer
    return replace(answer, contradicted=unmet) if answer.met and unmet else None


def _has_data(company, key):
    """Whether the company's own data answer a question, well or badly."""
    if key in ("licence", "itse"):
        sites = company.sites.in_the_scope().prefetch_related("documents")
        papers = [site.document(key) for site in sites]
        return bool(papers) and all(papers)
    return {
        "legal": lambda: company.registry_entry and company.registry_office,
        "operation": lambda: company.started_on,
        "exports": lambda: company.exports.exists(),
        "production": lambda: company.activity_id and company.process.strip(),
        "mail": lambda: company.email and company.website,
    }[key]()


def _day(text):
    return date.fromisoformat(text) if text else None


def outcome(answers, edition):
    """{question: the answer weighed for `edition`}, in their order. Days are text, as a session keeps them."""
    plain = {
        "legal": (
            _("Constitución, registro público y RUC activo"),
            _("Inscriba la empresa en SUNARP y regularice su RUC en SUNAT: debe figurar ACTIVO y HABIDO."),
        ),
        "licence": (
            _("Licencia municipal de funcionamiento"),
            _("Solicítela en la municipalidad de cada sede. Puede dejar fuera del alcance la que no la tenga."),
        ),
        "itse": (
            _("Certificado ITSE vigente"),
            _("Pida la inspección en su municipalidad. Debe estar vigente el %(day)s, cuando cierra la convocatoria.")
            % {"day": f"{edition.closes_on:%d/%m/%Y}"},
        ),
        "exports": (
            _("Exportaciones directas"),
            _("Se cuenta la exportación hecha con su propio RUC desde el %(day)s. Las hechas por un tercero no.")
            % {"day": f"{months_before(edition.closes_on, edition.parameter('export_window_months')):%d/%m/%Y}"},
        ),
        "production": (
            _("Proceso propio de producción o transformación"),
            _("El programa no recibe empresas que solo comercializan."),
        ),
        "debts": (
            _("Sin cuentas pendientes con PROMPERÚ"),
            _("Póngase al día con pagos y documentos pendientes; PROMPERÚ lo comprueba al presentar y al admitir."),
        ),
    }
    found = {key: _plain(label, answers.get(key), advice) for key, (label, advice) in plain.items()}
    found["operation"] = _operation(_day(answers.get("started_on")), edition)
    found["mail"] = _mail(answers.get("email", ""), answers.get("website", ""))
    return {key: found[key] for key in QUESTIONS}


def _plain(label, answer, advice):
    met = {YES: True, NO: False}.get(answer)
    return Answer(label, met, "" if met else advice)


def _operation(started, edition):
    years = edition.parameter("minimum_operation_years")
    label = ngettext("%(years)s año de operación", "%(years)s años de operación", years) % {"years": years}
    if started is None:
        return Answer(label, None, _("Busque el inicio de actividades en su ficha RUC."))
    complete = anniversary_eve(started, years)
    if complete <= edition.closes_on:
        return Answer(label, True)
    advice = _(
        "Los completa el %(day)s, después del cierre. Podrá postular en una convocatoria que cierre desde ese día."
    )
    return Answer(label, False, advice % {"day": f"{complete:%d/%m/%Y}"})


def _mail(email, website):
    label = _("Correo corporativo y página web")
    if not email or not website:
        return Answer(
            label, False, _("Contrate un dominio propio: sirve a la vez para la página web y para el correo.")
        )
    if mail_domain(email) in FREE_MAIL:
        advice = _("%(domain)s es un correo gratuito. Use uno con el dominio de su empresa.")
        return Answer(label, False, advice % {"domain": mail_domain(email)})
    return Answer(label, True)
