"""The gate to the pre-audit: what it asks. The company proposes, the monitor agrees."""

from functools import cached_property

from django.db import transaction
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Duty, Notice, SiteDocument, User
from ecoeficiencia import addresses
from ecoeficiencia.lifecycle import IllegalMove, Missing, Party

MODULES = 10  # T1-T10; the introductory talk T0 is not counted
CODES_SHOWN = 8


def address(view, *args):
    """The address of a page, or nothing where this door has no such page."""
    try:
        return addresses.address(view, *args)
    except NoReverseMatch:
        return ""


class Readiness:
    """What a Participation asks and does between implementation and the pre-audit."""

    @cached_property
    def modules_attended(self):
        """Modules T1-T10 attended by at least one person; `with_attendance()` brings it for a whole list."""
        rows = self.attendances.filter(session__workshop__number__gt=0)
        return rows.values("session__workshop__number").distinct().count()

    @property
    def attendance_share(self):
        """Share of the ten modules attended, 0 to 1."""
        return self.modules_attended / MODULES

    @property
    def meets_attendance(self):
        return self.modules_attended * 100 >= self.edition.parameter("minimum_attendance") * MODULES

    @property
    def is_proposed_ready(self):
        """Whether the company's proposal waits for the monitor; one made before an earlier return does not."""
        return (
            self.state == self.State.IMPLEMENTING
            and self.proposed_ready_at is not None
            and self.proposed_ready_at >= self.state_since
        )

    def preaudit_checklist(self, on, door="empresa"):
        """Every condition of the gate, met and unmet, with addresses of `door`."""
        waived = set(self.waivers.in_force(on).values_list("condition", flat=True))
        return [
            self._attendance_condition(waived, door),
            self._share_condition(waived, door),
            *self._row_conditions(door),
            *self._document_conditions(waived, door),
        ]

    def missing_for_preaudit(self, on):
        """What keeps the company from the pre-audit on day `on`. Rows in review and expiring papers only warn."""
        return [m for m in self.preaudit_checklist(on) if not (m.done or m.waived or m.waiting)]

    def propose_ready(self, *, by, on=None):
        """The company says it is ready for the pre-audit; its monitor hears of it. Raises IllegalMove if it is not."""
        self._require_implementing()
        if self.is_proposed_ready:
            raise IllegalMove(_("Su empresa ya propuso pasar a preauditoría. Le toca al monitor."))
        self._require_nothing_missing(on)
        with transaction.atomic():
            self.proposed_ready_at, self.proposed_ready_by = timezone.now(), by
            self._save_proposal(by, _("La empresa propuso pasar a preauditoría."))
            self._tell_monitor()

    def agree_ready(self, *, by, on=None):
        """The monitor agrees: the company is ready for the pre-audit and PROMPERÚ opens it."""
        self._require_proposal()
        self._require_nothing_missing(on)
        with transaction.atomic():
            self.move(self.State.READY, by=by)
            title = _("%(company)s está lista para la preauditoría") % {"company": self.company}
            staff = User.objects.with_duty(Duty.COORDINATOR)
            self._tell(staff, "ready", title, url=address("panel:participation", self.pk))
            own = _("Su empresa está lista para la preauditoría")
            self._tell(self._writers(), "ready", own, _("PROMPERÚ le dará la fecha."), self._home())

    def decline_ready(self, *, by, reason):
        """The monitor does not agree yet and says why; the company may propose again."""
        self._require_proposal()
        with transaction.atomic():
            self.proposed_ready_at = self.proposed_ready_by = None
            self._save_proposal(by, reason)
            title = _("Su monitor pide completar algo antes de la preauditoría")
            self._tell(self._writers(), "declined", title, reason, self._home())

    # Conditions

    def _attendance_condition(self, waived, door):
        least, missed = self.edition.parameter("minimum_attendance"), MODULES - self.modules_attended
        met, share = self.meets_attendance, round(self.attendance_share * 100)
        sentence = _("Asistencia: %(n)d de %(of)d talleres (%(share)d %%)") % {
            "n": self.modules_attended, "of": MODULES, "share": share,
        }  # fmt: skip
        if not met:
            sentence = ngettext("Falta asistir a %d taller", "Faltan talleres por asistir: %d", missed) % missed
        detail = _("Asistió a %(n)d de %(of)d. Mínimo de esta edición: %(least)d %%.") % {
            "n": self.modules_attended, "of": MODULES, "least": least,
        }  # fmt: skip
        return Missing(
            sentence, since=self._opened_on, detail=detail, url=self._at(door, "workshops"), key="attendance",
            done=met, waived=not met and "attendance" in waived, waivable=True,
        )  # fmt: skip

    def _share_condition(self, waived, door):
        done, total = (self.assessment.accepted, self.assessment.applicable) if self.assessment else (0, 0)
        least = self.edition.parameter("accepted_share")
        met = total > 0 and done * 100 >= least * total
        need = max(-(-least * total // 100) - done, 0)
        if met:
            sentence = _("Requisitos aceptados: %(n)d de %(of)d") % {"n": done, "of": total}
        elif not total:
            sentence = _("Los requisitos de la empresa aún no están abiertos")
        else:
            sentence = ngettext("Falta %d requisito por aceptar", "Faltan %d requisitos por aceptar", need) % need
        detail = _("Aceptados: %(n)d de %(of)d. Mínimo de esta edición: %(least)d %%.") % {
            "n": done, "of": total, "least": least,
        }  # fmt: skip
        return Missing(
            sentence, since=self._opened_on, detail=detail, url=self._at(door, "board"), key="accepted_share",
            done=met, waived=not met and "accepted_share" in waived, waivable=True,
        )  # fmt: skip

    def _row_conditions(self, door):
        """Rows never handed in, observed without answer, and in review, each as one condition with its codes."""
        if self.assessment is None:
            return
        rows = {"open": [], "returned": [], "waiting": []}
        kinds = {"open": "open", "returned": "returned", "submitted": "waiting", "claimed_na": "waiting"}
        found = self.assessment.fulfilments.applicable().filter(state__in=kinds).order_by("requirement__number", "pk")
        for state, code, since in found.values_list("state", "requirement__code", "state_since"):
            rows[kinds[state]].append((code, since))
        sentences = {
            "open": (_("Falta presentar %d requisito"), _("Falta presentar %d requisitos")),
            "returned": (_("%d observación sin respuesta"), _("%d observaciones sin respuesta")),
            "waiting": (_("%d requisito espera revisión"), _("%d requisitos esperan revisión")),
        }
        for kind, (one, many) in sentences.items():
            if rows[kind]:
                yield self._row_condition(kind, one if len(rows[kind]) == 1 else many, rows[kind], door)

    def _row_condition(self, kind, sentence, rows, door):
        waiting = kind == "waiting"
        codes = list(dict.fromkeys(code for code, _since in rows))
        detail = ", ".join(codes[:CODES_SHOWN]) + ("…" if len(codes) > CODES_SHOWN else "")
        return Missing(
            sentence % len(rows), owner=Party.MONITOR if waiting else Party.COMPANY, waiting=waiting, detail=detail,
            since=timezone.localdate(min(since for _code, since in rows)), url=self._at(door, "board"), key=kind,
        )  # fmt: skip

    def _document_conditions(self, waived, door):
        """Licences and ITSE that expire before the edition's pre-audit: a warning, so that renewal starts in time."""
        day = self.edition.preaudit_starts_on
        if day is None:
            return
        for site in self.company.sites.filter(in_scope=True, closed_on=None).prefetch_related("documents"):
            for kind in SiteDocument.Kind:
                document = site.document(kind)
                if document is None or document.valid_until is None or document.valid_until >= day:
                    continue
                yield Missing(
                    _("%(document)s de %(site)s vence antes de la preauditoría")
                    % {"document": kind.label, "site": site},
                    detail=_("Vence el %(day)s.") % {"day": f"{document.valid_until:%d/%m/%Y}"},
                    since=timezone.localdate(document.uploaded_at), url=self._at(door, "profile"),
                    key="site_documents", waiting=True, waived="site_documents" in waived, waivable=True,
                )  # fmt: skip

    @property
    def _opened_on(self):
        return (
            timezone.localdate(self.assessment.opened_at) if self.assessment else timezone.localdate(self.state_since)
        )

    def _at(self, door, view):
        return address(f"{door}:{view}", self.company_id)

    # Acts

    def _require_implementing(self):
        if self.state != self.State.IMPLEMENTING:
            raise IllegalMove(
                _("La empresa está en «%(state)s»; ya no se propone la preauditoría.")
                % {"state": self.get_state_display()}
            )

    def _require_proposal(self):
        self._require_implementing()
        if not self.is_proposed_ready:
            raise IllegalMove(_("La empresa todavía no propuso pasar a preauditoría."))

    def _require_nothing_missing(self, on):
        if missing := self.missing_for_preaudit(on or timezone.localdate()):
            raise IllegalMove(
                _("Todavía no puede pasar a preauditoría: %(what)s.") % {"what": "; ".join(str(m) for m in missing)}
            )

    def _save_proposal(self, by, note):
        self.save_edit(by=by, fields=["proposed_ready_at", "proposed_ready_by"], note=note)

    def _tell_monitor(self):
        if assignment := self.monitor_on(timezone.localdate()):
            title = _("%(company)s propone pasar a preauditoría") % {"company": self.company}
            body = _("Revise su avance y diga si está de acuerdo.")
            self._tell([assignment.monitor], "proposed", title, body, address("monitor:company", self.company_id))

    def _tell(self, users, fact, title, body="", url=""):
        Notice.tell(
            users, key=f"participation:{self.pk}:{fact}:{self.version}", kind="readiness", title=title[:200],
            body=body, url=url, company=self.company,
        )  # fmt: skip

    def _writers(self):
        members = self.company.memberships.in_force(timezone.localdate()).exclude(role="reader")
        return [m.user for m in members.filter(user__is_active=True).select_related("user")]

    def _home(self):
        return address("empresa:company", self.company_id)
