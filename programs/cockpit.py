"""What the staff's home shows: what waits for whom, where the companies of an edition are, and since when."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median
from urllib.parse import urlencode

from django.db.models import BooleanField, CharField, Count, Exists, ExpressionWrapper, Min, OuterRef, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Claim, Delivery, Duty, SiteDocument
from ecoeficiencia.lifecycle import Party
from ecoeficiencia.workdays import workdays_between

from .models import Appeal, Application, CommitmentLetter, MonitorAssignment, Participation
from .models.edition import GONE
from .models.readiness import address

CHART = 230  # width of the funnel's longest bar, in the units of its drawing


@dataclass(frozen=True)
class Queue:
    """Things that wait for this person: how many, since when, where; late: how many of them are out of their term."""

    label: str
    n: int
    oldest: date | None
    url: str
    icon: str
    late: int = 0


@dataclass(frozen=True)
class Group:
    """Records of an edition that are in one state since one day.

    given: whether they have what comes next to be given: a monitor (participations), a proposal (applications; of
    observed ones, whether their term ran out).
    """

    state: str
    since: date
    given: bool
    n: int


def _groups(rows, given):
    """The groups of `rows` in one statement: as many as there are states and days, however many the companies."""
    counted = rows.order_by().annotate(given=given).values_list("state", "state_since__date", "given")
    return [Group(*row) for row in counted.annotate(Count("pk"))]


S = Participation.State
# How far a state has come; who left counts as admitted only.
RANK = {
    S.LETTER_ISSUED: 0, S.LETTER_SIGNED: 0, S.IMPLEMENTING: 1, S.READY: 2, S.PREAUDIT: 2, S.CORRECTING: 2,
    S.PREAUDIT_PASSED: 3, S.EXTERNAL_REQUESTED: 3, S.EXTERNAL_AUDIT: 3, S.EXTERNAL_CORRECTING: 3, S.DECISION: 3,
    S.NOT_CERTIFIED: 3, S.CERTIFIED: 4, S.WITHDRAWN: -1, S.EXCLUDED: -1,
}  # fmt: skip


class Cockpit:
    """One edition in figures: each statement is asked once, and none brings a row for each company."""

    def __init__(self, edition):
        self.edition = edition

    @cached_property
    def applications(self):
        lapsed = Q(state="observed", due_on__lt=timezone.localdate())
        ripe = ExpressionWrapper(lapsed | ~Q(state="observed") & ~Q(proposal=""), BooleanField())
        return _groups(self.edition.applications.exclude(submitted_at=None), ripe)

    @cached_property
    def participations(self):
        assigned = MonitorAssignment.objects.filter(participation=OuterRef("pk"), ends_on=None)
        return _groups(self.edition.participations, Exists(assigned))

    @cached_property
    def letters(self):
        """{state: (how many letters, since when the oldest)}"""
        return _tally(CommitmentLetter.objects.filter(participation__edition=self.edition), "state", "state_since")

    @cached_property
    def decisions(self):
        rows, path = self.edition.participations, "audits__decision__state"
        return _tally(rows.exclude(**{path: None}), path, f"{path}_since")

    # What waits for whom

    def queues(self, user, beside=True):
        """The queues of `user`'s duties, those with something first. beside: with what belongs to no one edition."""
        found = []
        if user.has_duty(Duty.COORDINATOR, Duty.REVIEWER):
            found += [self._to_review(proposed=False), self._letters_to_verify()]
            found += _beside_editions(user) if beside else []
        if user.has_duty(Duty.COORDINATOR):
            found += [self._to_review(proposed=True), self._lapsed(), self._to_call()]
            found += [*self._companies(), self._to_confirm()]
            found += [self._decisions("pending", _("Decisiones por proponer"))]
        if user.has_duty(Duty.DECIDER):
            found += [self._decisions("proposed", _("Decisiones por tomar")), *([_withdrawals()] if beside else [])]
        return sorted(found, key=lambda queue: (not queue.n, queue.oldest or date.max))

    def _to_review(self, *, proposed):
        label = _("Propuestas de admisión por decidir") if proposed else _("Postulaciones por revisar")
        waiting = [g for g in self.applications if g.state in ("submitted", "mended") and g.given == proposed]
        url = self._list("panel:applications", estado="por-decidir" if proposed else "por-revisar")
        return _queue(label, waiting, url, "check2" if proposed else "file-earmark-person")

    def _lapsed(self):
        """Those told to mend whose term ran out: a longer one, or no admission, is for a person to decide."""
        lapsed = [g for g in self.applications if g.state == "observed" and g.given]
        url = self._list("panel:applications", espera="vencido")
        return _queue(_("Plazos para subsanar vencidos"), lapsed, url, "calendar-x")

    def _to_call(self):
        """Those of the waiting list, once there is a place for one of them."""
        taken = sum(g.n for g in self.participations if g.state not in GONE)
        waiting = [g for g in self.applications if g.state == "waiting"] if self.edition.has_places(taken) else []
        url = self._list("panel:applications", estado="waiting")
        return _queue(_("En lista de espera, con lugar libre"), waiting, url, "hourglass-split")

    def _letters_to_verify(self):
        n, oldest = self.letters.get("signed", NONE)
        return Queue(
            _("Cartas por verificar"), n, oldest, self._list("panel:letters", estado="signed"), "envelope-paper"
        )

    def _companies(self):
        alone = [g for g in self.participations if g.state in Participation.TRAINING and not g.given]
        ready = [g for g in self.participations if g.state == S.READY]
        return [
            _queue(_("Empresas sin monitor"), alone, self._list("panel:companies", monitor="null"), "person-plus"),
            _queue(_("Listas para preauditoría"), ready, self._list("panel:companies", estado="ready"), "flag"),
        ]

    def _to_confirm(self):
        closed = self.edition.participations.filter(audits__state="closed")
        n, oldest = _tally(closed, "audits__state", "audits__state_since").get("closed", NONE)
        url = self._list("panel:audits", "edition", state="closed")
        return Queue(_("Auditorías por confirmar"), n, oldest, url, "clipboard-check")

    def _decisions(self, state, label):
        n, oldest = self.decisions.get(state, NONE)
        view = "por-proponer" if state == "pending" else "por-decidir"
        return Queue(label, n, oldest, self._list("panel:decisions", ver=view), "hourglass-split")

    def _list(self, view, edition="edicion", **filters):
        """The list that shows what a queue counts and nothing else, or "" where this door has no such page."""
        page = address(view)
        return page and f"{page}?{urlencode(filters | {edition: self.edition.pk})}"

    # Where the companies are

    def funnel(self):
        """Steps of the edition with how many companies came that far, and the length of each bar."""
        states = Counter()
        for group in self.participations:
            states[group.state] += group.n
        reached = [sum(n for state, n in states.items() if RANK[state] >= rank) for rank in range(5)]
        left = sum(n for state, n in states.items() if RANK[state] < 0)
        return _bars(
            (_("Postularon"), sum(group.n for group in self.applications), ""),
            (_("Admitidas"), states.total(), ""),
            (_("Carta verificada"), self.letters.get("verified", NONE)[0], ""),
            (
                _("Implementando"),
                reached[1],
                ngettext("%(n)s salió", "%(n)s salieron", left) % {"n": left} if left else "",
            ),
            (_("Listas para preauditoría"), reached[2], ""),
            (_("Preauditoría aprobada"), reached[3], ""),
            (_("Certificadas"), reached[4], ""),
        )

    def ageing(self, on, decreed=frozenset()):
        """Per stage in course: companies, median and longest stay in business days, whose turn; the slowest first."""
        rows = []
        for model, groups in ((Application, self.applications), (Participation, self.participations)):
            stays = {state: Counter() for state in model.MOVES if _waits(model, state)}
            for group in groups:
                if group.state in stays:
                    stays[group.state][workdays_between(group.since, on, decreed)] += group.n
            rows += [_stage(model, state, days) for state, days in stays.items() if days]
        return sorted(rows, key=lambda row: -row["longest"])

    def expiring(self, on, until):
        """Licences and ITSE of companies in the edition that run out between `on` and `until`, soonest first."""
        companies = self.edition.participations.in_course().values("company")
        window = Q(valid_until__gte=on, valid_until__lte=until)
        rows = SiteDocument.objects.newest().filter(
            window, company__in=companies, site__in_scope=True, site__closed_on=None
        )
        return rows.select_related("company", "site").order_by("valid_until")


NONE = (0, None)


def _tally(rows, state, since):
    """{state: (how many records, the day the oldest entered it)}"""
    counted = rows.order_by().values_list(state).annotate(Count("pk", distinct=True), Min(since))
    return {found: (n, timezone.localdate(oldest)) for found, n, oldest in counted}


def _queue(label, groups, url, icon):
    oldest = min((group.since for group in groups), default=None)
    return Queue(label, sum(group.n for group in groups), oldest, url, icon)


def _beside_editions(user):
    """What waits of any edition, or of none: appeals, claims of a RUC, mails. In one statement.

    Claims and mails are the coordinators'.
    """
    coordinates, today = user.has_duty(Duty.COORDINATOR), timezone.localdate()
    appeals = Appeal.objects.waiting_for(user)
    claims = Claim.objects.filter(state=Claim.State.FILED)
    mails = Delivery.objects.filter(state=Delivery.State.HELD)
    sums = {"appeals": _sum("appeals", appeals, "filed_at", late=Count("pk", filter=Q(due_on__lt=today)))}
    if coordinates:
        sums["claims"] = _sum("claims", claims, "claimed_at")
        sums["mails"] = _sum("mails", mails, "notice__created_at")
    first, *others = sums.values()
    found = {name: rest for name, *rest in first.union(*others, all=True)}
    places = {
        "appeals": (
            _("Reconsideraciones por resolver"),
            reverse("panel:appeals") + "?ver=por-resolver",
            "arrow-repeat",
        ),
        "claims": (_("Reclamos por un RUC"), reverse("panel:claims"), "person-badge"),
        "mails": (_("Correos en borrador por enviar"), reverse("panel:mails") + "?estado=held", "envelope-paper"),
    }
    for name in sums:
        n, oldest, late = found.get(name, (0, None, 0))
        label, url, icon = places[name]
        yield Queue(label, n, oldest and timezone.localdate(oldest), url, icon, late)


def _withdrawals():
    """The proposals to end a certificate, of any edition."""
    path = "audits__decision__certificate__withdrawals__state"
    waiting = Participation.objects.filter(**{path: "proposed"})
    n, oldest = _tally(waiting, path, f"{path}_since").get("proposed", NONE)
    url = address("panel:certificates")
    return Queue(
        _("Retiros de certificado por confirmar"), n, oldest, url and f"{url}?estado=withdrawal", "x-octagon-fill"
    )


def _sum(name, rows, since, late=None):
    """(name, how many, since when the oldest, how many late) of all `rows`, to be asked together with others."""
    named = rows.order_by().annotate(kind=Value(name, CharField())).values("kind")
    late = Value(0) if late is None else late
    return named.annotate(n=Count("pk"), oldest=Min(since), late=late).values_list("kind", "n", "oldest", "late")


def _bars(*steps):
    most = max(1, *(n for _label, n, _note in steps))
    return [
        {
            "label": label,
            "n": n,
            "note": note,
            "width": round(CHART * n / most),
            "y": 6 + 33 * row,
            "text_y": 22 + 33 * row,
        }
        for row, (label, n, note) in enumerate(steps)
    ]


def _waits(model, state):
    """Whether somebody's turn has come in that state; a draft is the company's own time."""
    return state != "draft" and model.TURN[state] != Party.NOBODY


def _stage(model, state, days):
    label = model.State(state).label
    return {
        "stage": label if model is Participation else _("Postulación %(state)s") % {"state": label.lower()},
        "n": days.total(),
        "median": round(median(days.elements())),
        "longest": max(days),
        "turn": Party(model.TURN[state]),
    }
