"""What a company must show to take part: facts S13-S19 of the programme, each a sentence when unmet.

The closing day of the call is the day that counts for what runs out (years of operation, ITSE, exports);
`on` is the day somebody asks.
"""

from calendar import monthrange
from dataclasses import replace
from datetime import date
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.domains import FREE_MAIL, differ, mail_domain, web_domain
from companies.models import SiteDocument
from companies.registers import NOT_LISTED
from companies.ruc import validate_prefix
from ecoeficiencia.lifecycle import Missing, Party
from ecoeficiencia.workdays import anniversary_eve

from . import sworn_statement
from .conditions import CONDITIONS
from .papers import slots_of
from .parameters import words_of


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, or the last of that month. Check: 24 months before 29/02/2024 is 28/02/2022."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def eligibility(company, edition, on, application=None, lifted=None):
    """The whole checklist, met and unmet, one entry a condition (and a site), in the order of the form.

    Without an application given, the company's live one in the edition is looked up. What PROMPERÚ has not
    checked yet is `waiting`; what staff lifted is `waived`. lifted: the conditions of its waivers in force, if read.
    """
    application = application or company.applications.in_course(edition)
    if lifted is None:
        lifted = set(application.waivers.in_force(on).values_list("condition", flat=True)) if application else set()
    return Look(company, edition, on, application).checklist(lifted)


def kept_check(item):
    """A line of the checklist as it is kept with what was handed in."""
    return {
        "key": item.key, "sentence": str(item.sentence), "detail": str(item.detail), "done": item.done,
        "waiting": item.waiting, "waivable": item.waivable, "owner": str(item.owner), "inside": str(item.inside),
        "warns": item.warns,
    }  # fmt: skip


def waive(item, lifted):
    """`item` as it stands when the conditions `lifted` are asked of nobody."""
    if item.done or lifted.isdisjoint({item.key, item.key.partition(":")[0]}):
        return item
    return replace(item, waived=True)


def _met(key, detail="", inside="", warns=False):
    return Missing(CONDITIONS[key].label, key=key, done=True, detail=detail, inside=inside, warns=warns)


def _checked(day, source):
    words = _("Verificado el %(day)s") % {"day": f"{day:%d/%m/%Y}"}
    return f"{words} · {source}" if source else words


class Look:
    """The company's papers as read on one day for one edition."""

    def __init__(self, company, edition, on, application, live=True, sites=()):
        """live: whether the company's other papers are read, too; without it only RUC and accounts may be asked.

        sites: some of the company's, read already with their documents, which are not read again.
        """
        self.company, self.edition, self.on, self.application = company, edition, on, application
        self.closes = edition.closes_on
        self.mandate = company.mandate_on(on) if live else None
        self.since = application.created_at.date() if application else None
        self.read = {site.pk: site for site in sites}

    def checklist(self, lifted):
        """Every condition, met and unmet, in the order of the form. lifted: those a waiver in force names."""
        found = [
            self.legal(),
            self.operation(),
            self.ruc_active(),
            self.representation(),
            *self.sites(),
            self.exports(),
            self.production(),
            self.contact(),
            self.corporate_mail(),
            self.website(),
            self.debts(),
            *self.papers(),
            self.sworn_statement(),
        ]
        return [waive(item, lifted) for item in found]

    def of_the_company(self):
        """The conditions that the company's own row answers."""
        own = [self.legal(), self.operation(), self.ruc_active(), self.production(), self.contact()]
        return [*own, self.corporate_mail(), self.website(), self.debts()]

    def unmet(self, key, sentence, detail="", *, inside, waivable=True):
        """inside: the same in the words of the reviewer."""
        return Missing(sentence, key=key, since=self.since, detail=detail, waivable=waivable, inside=inside)

    def legal(self):
        company = self.company
        try:
            validate_prefix(company.ruc, words_of(self.edition.parameter("ruc_prefixes")))
        except ValidationError as refusal:
            inside = _("El RUC no es de los que recibe el programa: empieza con %(prefix)s.")
            inside %= {"prefix": company.ruc[:2]}
            return self.unmet("legal", refusal.messages[0], inside=inside, waivable=False)
        if not company.registry_entry:
            sentence = _("Falta la partida registral de su empresa en SUNARP.")
            return self.unmet("legal", sentence, inside=_("No registró su partida de SUNARP."))
        if not company.registry_office:
            sentence = _("Falta la oficina registral de SUNARP donde está inscrita su empresa.")
            return self.unmet("legal", sentence, inside=_("No registró la oficina de SUNARP donde está inscrita."))
        return _met(
            "legal",
            _("Partida %(entry)s, %(office)s") % {"entry": company.registry_entry, "office": company.registry_office},
        )

    def operation(self):
        started, years = self.company.started_on, self.edition.parameter("minimum_operation_years")
        if started is None:
            sentence = _("Falta la fecha de inicio de operaciones de su empresa.")
            return self.unmet("operation", sentence, inside=_("No registró su fecha de inicio de operaciones."))
        if started > self.on:
            day, inside = {"day": f"{started:%d/%m/%Y}"}, _("El inicio de operaciones (%(day)s) aún no llega.")
            sentence = _("La fecha de inicio de operaciones (%(day)s) aún no llega. Revísela con su ficha RUC.")
            return self.unmet("operation", sentence % day, inside=inside % day)
        complete = anniversary_eve(started, years)
        if complete > self.closes:
            names = {"closes": f"{self.closes:%d/%m/%Y}", "years": years}
            names |= {"started": f"{started:%d/%m/%Y}", "complete": f"{complete:%d/%m/%Y}"}
            return self.unmet(
                "operation",
                ngettext(
                    "Al cierre de la convocatoria (%(closes)s) su empresa no completa %(years)s año de operación.",
                    "Al cierre de la convocatoria (%(closes)s) su empresa no completa %(years)s años de operación.",
                    years,
                )
                % names,
                _("Empezó el %(started)s y los completa el %(complete)s.") % names,
                inside=_("Empezó el %(started)s: completa %(years)s años el %(complete)s, tras el cierre (%(closes)s).")
                % names,
            )
        return _met("operation", _("Desde el %(day)s") % {"day": f"{started:%d/%m/%Y}"})

    def ruc_active(self):
        company = self.company
        if company.ruc_checked_on is None:
            sentence = _("PROMPERÚ verificará en SUNAT que su RUC esté activo y habido.")
            inside = _("Todavía no se consultó el RUC en el padrón de SUNAT.")
            return Missing(sentence, owner=Party.STAFF, key="ruc_active", waiting=True, waivable=True, inside=inside)
        checked = _checked(company.ruc_checked_on, company.ruc_source)
        if company.ruc_state == NOT_LISTED:
            sentence = _("Su RUC no figura en el padrón de SUNAT: debe estar ACTIVO y HABIDO.")
            inside = _("El RUC no figura en el padrón de SUNAT. %(checked)s.") % {"checked": checked}
            return self.unmet("ruc_active", sentence, checked, inside=inside)
        if (company.ruc_state.upper(), company.ruc_condition.upper()) != ("ACTIVO", "HABIDO"):
            names = {"state": company.ruc_state or "?", "condition": company.ruc_condition or "?", "checked": checked}
            return self.unmet(
                "ruc_active",
                _("Su RUC figura como %(state)s y %(condition)s: debe estar ACTIVO y HABIDO.") % names,
                _("%(checked)s. Regularícelo en SUNAT y avise a PROMPERÚ.") % names,
                inside=_("Figura como %(state)s y %(condition)s. %(checked)s.") % names,
            )
        by_hand = "" if company.ruc_source else f" · {_('registrado a mano')}"
        return _met("ruc_active", checked, inside=f"{company.ruc_state}, {company.ruc_condition}. {checked}{by_hand}")

    def representation(self):
        if self.mandate is None:
            sentence = _("Falta registrar a su representante legal y la vigencia de poder.")
            return self.unmet("representation", sentence, inside=_("No registró a su representante legal."))
        if self.mandate.power_issued_on is None:
            sentence = _("Falta la fecha de la vigencia de poder de su representante legal.")
            return self.unmet("representation", sentence, inside=_("No registró la fecha de la vigencia de poder."))
        if self.mandate.power_issued_on > self.on:
            day = {"day": f"{self.mandate.power_issued_on:%d/%m/%Y}"}
            sentence = _("La vigencia de poder lleva una fecha futura (%(day)s). Revísela en el certificado.")
            inside = _("La vigencia de poder lleva una fecha futura (%(day)s).")
            return self.unmet("representation", sentence % day, inside=inside % day)
        return _met("representation", *self._power())

    def _power(self):
        """The representative, with a warning when the power of attorney is older than institutions take it.

        Twice: as the company reads it, and as the reviewer does; and whether there is a warning.
        """
        name, age = self.mandate.full_name, (self.on - self.mandate.power_issued_on).days
        longest = self.edition.parameter("power_max_days")
        if age <= longest:
            return name, "", False
        words = _(
            "%(name)s. Aviso: su vigencia de poder tiene %(age)s días y suele pedirse de hasta %(longest)s. No impide "
            "presentar; PROMPERÚ puede pedirle una reciente."
        )
        inside = _("%(name)s. Aviso: la vigencia de poder tenía %(age)s días; suele pedirse de hasta %(longest)s.")
        names = {"name": name, "age": age, "longest": longest}
        return words % names, inside % names, True

    @cached_property
    def scope(self):
        sites = [self.read.get(site.pk, site) for site in self.company.sites.in_the_scope()]
        papers = Prefetch("documents", SiteDocument.objects.knowing_files())
        prefetch_related_objects(sites, papers)  # of those that were read, nothing
        return sites

    def sites(self):
        sites = self.scope
        if not sites:
            return [
                self.unmet(
                    "sites", _("Falta registrar al menos una sede que entre en el alcance."), waivable=False,
                    inside=_("No registró ninguna sede en el alcance."),
                )
            ]  # fmt: skip
        papers = self.edition.site_papers()
        return [self.document(site, kind) for site in sites for kind in papers]

    def document(self, site, kind):
        key, label = f"{kind}:{site.pk}", CONDITIONS[kind].label
        names = {"site": site.name, "document": label}
        paper = site.document(kind)
        if paper is None:
            inside = _("%(site)s: no presentó «%(document)s».") % names
            return self.unmet(key, _("%(site)s: falta el documento «%(document)s».") % names, inside=inside)
        names |= {"day": f"{paper.issued_on:%d/%m/%Y}", "closes": f"{self.closes:%d/%m/%Y}"}
        if paper.issued_on > self.on:
            sentence = _("%(site)s: «%(document)s» lleva una fecha de emisión futura (%(day)s).") % names
            return self.unmet(key, sentence, inside=sentence)
        if paper.valid_until and paper.valid_until < self.closes:
            names["day"] = f"{paper.valid_until:%d/%m/%Y}"
            sentence = _("%(site)s: «%(document)s» vence el %(day)s, antes del cierre de la convocatoria (%(closes)s).")
            return self.unmet(key, sentence % names, _("Suba el documento renovado."), inside=sentence % names)
        if not paper.is_shown:
            inside = _("%(site)s: no adjuntó el archivo de «%(document)s».") % names
            return self.unmet(key, _("%(site)s: falta subir el archivo de «%(document)s».") % names, inside=inside)
        until = (
            _("vence el %(day)s") % {"day": f"{paper.valid_until:%d/%m/%Y}"}
            if paper.valid_until
            else _("sin vencimiento")
        )
        return Missing(f"{site.name}: {label}", key=key, done=True, detail=f"{paper.number}, {until}")

    def exports(self):
        since = months_before(self.closes, self.edition.parameter("export_window_months"))
        last = self.company.exports.order_by("-exported_on").first()
        days = {"since": f"{since:%d/%m/%Y}"}
        if last is None:
            sentence = _("Falta registrar una exportación directa hecha desde el %(since)s.") % days
            return self.unmet("exports", sentence, inside=_("No registró ninguna exportación directa."))
        if last.exported_on < since:
            days["day"] = f"{last.exported_on:%d/%m/%Y}"
            sentence = _("Su última exportación es del %(day)s; esta edición pide una hecha desde el %(since)s.") % days
            inside = _("La última exportación es del %(day)s; la edición pide una hecha desde el %(since)s.") % days
            return self.unmet("exports", sentence, inside=inside)
        return _met("exports", last.declaration)

    def production(self):
        company = self.company
        if company.activity is None:
            sentence = _("Falta la actividad económica (CIIU) de su empresa.")
            return self.unmet("production", sentence, inside=_("No registró su actividad económica (CIIU)."))
        if company.activity.trades:
            return self.unmet(
                "production",
                _(
                    "Su actividad (%(activity)s) es comercio: el programa pide un proceso propio de producción o "
                    "transformación."
                )
                % {"activity": company.activity},
                _("Si su empresa transforma, registre esa actividad CIIU."),
                inside=_("Su actividad es comercio (%(activity)s), no producción ni transformación.")
                % {"activity": company.activity},
            )
        if not company.process.strip():
            sentence = _("Falta describir su proceso de producción o transformación.")
            return self.unmet("production", sentence, inside=_("No describió su proceso de producción."))
        return _met("production", str(company.activity))

    def contact(self):
        if not self.company.phone:
            return self.unmet("contact", _("Falta el teléfono de su empresa."), inside=_("No registró teléfono."))
        if not self.company.email:
            return self.unmet("contact", _("Falta el correo de su empresa."), inside=_("No registró correo."))
        return _met("contact")

    def corporate_mail(self):
        domain = mail_domain(self.company.email)
        if not domain:
            sentence = _("Falta un correo corporativo, con el dominio de su empresa.")
            return self.unmet("corporate_mail", sentence, inside=_("No registró un correo corporativo."))
        if domain in FREE_MAIL:
            sentence = _("%(domain)s es un correo gratuito: se pide un correo con el dominio de su empresa.")
            inside = _("%(domain)s es un correo gratuito, no del dominio de la empresa.") % {"domain": domain}
            return self.unmet("corporate_mail", sentence % {"domain": domain}, inside=inside)
        return _met("corporate_mail", self.company.email)

    def website(self):
        web, mail = web_domain(self.company.website), mail_domain(self.company.email)
        if not web:
            return self.unmet("website", _("Falta la página web de su empresa."), inside=_("No registró página web."))
        if differ(self.company.email, self.company.website):
            words = _(
                "Aviso: el correo usa %(mail)s y la página web %(web)s. No impide presentar; PROMPERÚ lo revisará."
            )
            inside = _("Aviso: el correo usa %(mail)s y la página web %(web)s. Compruebe que sean de la empresa.")
            return _met("website", words % {"mail": mail, "web": web}, inside % {"mail": mail, "web": web}, warns=True)
        return _met("website", self.company.website)

    def debts(self):
        company = self.company
        owed = [
            words
            for owes, words in (
                (company.economic_debt, _("económicas")),
                (company.documentary_debt, _("documentarias")),
            )
            if owes
        ]
        if owed:
            return self.unmet(
                "debts",
                _("Su empresa tiene cuentas pendientes con PROMPERÚ (%(kinds)s).")
                % {"kinds": ", ".join(map(str, owed))},
                _("Póngase al día y avise a PROMPERÚ."),
                inside=self._owes(", ".join(map(str, owed))),
            )
        if company.debts_checked_on is None:
            sentence = _("PROMPERÚ verificará que su empresa no tenga cuentas pendientes.")
            inside = _("Todavía no se consultó la lista de cuentas pendientes.")
            return Missing(sentence, owner=Party.STAFF, key="debts", waiting=True, waivable=True, inside=inside)
        checked = _checked(company.debts_checked_on, company.debts_source)
        by_hand = "" if company.debts_source else f" · {_('registrado a mano')}"
        return _met("debts", checked, f"{_('Sin cuentas pendientes.')} {checked}{by_hand}")

    def _owes(self, kinds):
        day, source = self.company.debts_checked_on, self.company.debts_source
        words = _("Tiene cuentas pendientes (%(kinds)s).") % {"kinds": kinds}
        return f"{words} {_checked(day, source)}." if day else words

    def papers(self):
        """The other papers of the edition's catalogue, each entry once or once a site."""
        handed = self.application.papers.with_files() if self.application else ()
        submitted = self.application and self.application.submitted_at
        days = {"on": self.on, "closes": self.closes, "since": self.since}
        days["handed_on"] = timezone.localdate(submitted) if submitted else self.on
        slots = slots_of(self.company, self.edition, mandate=self.mandate, sites=self.scope, papers=handed)
        return [line for slot in slots if (line := slot.condition(**days))]

    def sworn_statement(self):
        signature = self.application and self.application.statement_signature(self.mandate, self.scope)
        if not signature:
            return self.unmet(
                "sworn_statement", _("Falta que su representante legal acepte la declaración jurada."), waivable=False,
                inside=_("Ninguna firma cubre la declaración jurada con los datos de hoy."),
            )  # fmt: skip
        return _met("sworn_statement", f"{signature.signer_name}, {sworn_statement.when(signature)}")
