"""Eight questions a visitor answers before signing up, and what each answer means for them."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.domains import FREE_MAIL, mail_domain
from ecoeficiencia.workdays import anniversary_eve

from .eligibility import months_before

YES, NO, UNSURE = "yes", "no", "unsure"
ANSWERS = [(YES, gettext_lazy("Sí")), (NO, gettext_lazy("No")), (UNSURE, gettext_lazy("No estoy seguro"))]


@dataclass(frozen=True)
class Answer:
    """What we can say of one question: met (True), not met (False) or to be found out (None), and what can be done."""

    label: str
    met: bool | None
    advice: str = ""


# Where in the application each question comes back; accounts with PROMPERÚ have no section.
QUESTIONS = {
    "legal": "empresa",
    "operation": "empresa",
    "licence": "sedes",
    "itse": "sedes",
    "exports": "exportaciones",
    "production": "proceso",
    "mail": "comunicaciones",
    "debts": "",
}
FILLED = ("started_on", "email", "website")  # the fields of a company that the answers fill in


@dataclass(frozen=True)
class Declared:
    """What a company answered of one section before it had an account: the day, the answers, the fields they filled."""

    on: date | None = None
    answers: tuple = ()
    fields: tuple = ()


def declared(company, edition, section):
    answers = company.self_check
    if not answers:
        return Declared()
    found = outcome(answers, edition)
    told = tuple(answer for key, answer in found.items() if QUESTIONS[key] == section)
    fields = tuple(n for n in FILLED if answers.get(n) and str(getattr(company, n)) == answers[n])
    return Declared(_day(answers.get("on")), told, fields)


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
    label = _("%(years)s años de operación") % {"years": years}
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
