"""What the staff's home shows: what waits for whom, where the companies of an edition are, and since when."""

from dataclasses import dataclass
from datetime import date
from statistics import median

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Delivery, Duty, SiteDocument
from ecoeficiencia.workdays import workdays_between

from .models import Application, CommitmentLetter, MonitorAssignment, Participation
from .models.readiness import address

CHART = 230  # width of the funnel's longest bar, in the units of its drawing


@dataclass(frozen=True)
class Queue:
    """Things that wait for this person: how many, since when, where."""

    label: str
    n: int
    oldest: date | None
    url: str
    icon: str


def queues(user, edition):
    """The queues of `user`'s duties, those with something first."""
    coordinator, reviewer = user.has_duty(Duty.COORDINATOR), user.has_duty(Duty.COORDINATOR, Duty.REVIEWER)
    found = []
    if reviewer:
        found += [_applications(edition), _letters(edition)]
    if coordinator:
        found += [_proposals(edition), *_participations(edition), _drafts()]
    if user.has_duty(Duty.DECIDER):
        found.append(_decisions(edition, "proposed", _("Decisiones por tomar")))
    return sorted(found, key=lambda queue: (not queue.n, queue.oldest or date.max))


def _queue(label, rows, url, icon, field="state_since"):
    got = rows.aggregate(n=Count("pk", distinct=True), oldest=Min(field))
    return Queue(label, got["n"], got["oldest"] and timezone.localdate(got["oldest"]), url, icon)


def _applications(edition):
    rows = Application.objects.filter(edition=edition, state__in=["submitted", "mended"], proposal="")
    return _queue(_("Postulaciones por revisar"), rows, reverse("panel:applications"), "file-earmark-person")


def _proposals(edition):
    rows = Application.objects.filter(edition=edition, state__in=["submitted", "mended"]).exclude(proposal="")
    return _queue(_("Propuestas de admisión por decidir"), rows, reverse("panel:applications"), "check2")


def _letters(edition):
    rows = CommitmentLetter.objects.filter(participation__edition=edition, state="signed")
    return _queue(_("Cartas por verificar"), rows, reverse("panel:letters"), "envelope-paper")


def _participations(edition):
    rows = Participation.objects.filter(edition=edition)
    given = MonitorAssignment.objects.filter(participation=OuterRef("pk"), ends_on=None)
    alone = rows.in_training().exclude(Exists(given))
    companies, audits = reverse("panel:companies"), address("panel:audits")
    closed = rows.filter(audits__state="closed")
    return [
        _queue(_("Empresas sin monitor"), alone, f"{companies}?monitor=null", "person-plus"),
        _queue(_("Listas para preauditoría"), rows.filter(state="ready"), f"{companies}?estado=ready", "flag"),
        _queue(_("Auditorías por confirmar"), closed, audits, "clipboard-check", "audits__state_since"),
        _decisions(edition, "pending", _("Decisiones por proponer")),
    ]


def _drafts():
    rows, url = Delivery.objects.filter(state="held"), reverse("panel:mails") + "?estado=held"
    return _queue(_("Correos en borrador por enviar"), rows, url, "envelope-paper", "notice__created_at")


def _decisions(edition, state, label):
    rows = Participation.objects.filter(edition=edition, audits__decision__state=state)
    return _queue(label, rows, address("panel:decisions"), "hourglass-split", "audits__decision__state_since")


# Where the companies are

S = Participation.State
# How far a state has come; who left counts as admitted only.
RANK = {
    S.LETTER_ISSUED: 0, S.LETTER_SIGNED: 0, S.IMPLEMENTING: 1, S.READY: 2, S.PREAUDIT: 2, S.CORRECTING: 2,
    S.PREAUDIT_PASSED: 3, S.EXTERNAL_REQUESTED: 3, S.EXTERNAL_AUDIT: 3, S.EXTERNAL_CORRECTING: 3, S.DECISION: 3,
    S.NOT_CERTIFIED: 3, S.CERTIFIED: 4, S.WITHDRAWN: -1, S.EXCLUDED: -1,
}  # fmt: skip


def funnel(edition):
    """Steps of the edition with how many companies came that far, and the length of each bar."""
    applied = edition.applications.exclude(submitted_at=None).count()
    states = dict(edition.participations.order_by().values_list("state").annotate(Count("pk")))
    verified = edition.participations.filter(letter__state="verified").count()
    reached = [sum(n for state, n in states.items() if RANK[state] >= rank) for rank in range(5)]
    left = sum(n for state, n in states.items() if RANK[state] < 0)
    steps = [
        (_("Postularon"), applied, ""),
        (_("Admitidas"), sum(states.values()), ""),
        (_("Carta verificada"), verified, ""),
        (_("Implementando"), reached[1], _("%(n)s salieron") % {"n": left} if left else ""),
        (_("Listas para preauditoría"), reached[2], ""),
        (_("Preauditoría aprobada"), reached[3], ""),
        (_("Certificadas"), reached[4], ""),
    ]
    most = max(applied, *(n for _label, n, _note in steps), 1)
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


def ageing(edition, on, decreed=frozenset()):
    """Per stage in course: companies, median and longest stay in business days, whose turn; the slowest first."""
    rows = []
    for model, related in ((Application, edition.applications), (Participation, edition.participations)):
        live = [state for state, moves in model.MOVES.items() if moves and state != "draft"]
        stays = {}
        for state, since in related.filter(state__in=live).order_by().values_list("state", "state_since"):
            stays.setdefault(state, []).append(workdays_between(timezone.localdate(since), on, decreed))
        rows += [
            {
                "stage": _stage(model, state),
                "n": len(days),
                "median": round(median(days)),
                "longest": max(days),
                "turn": model(state=state).turn.label,
            }
            for state, days in stays.items()
        ]
    return sorted(rows, key=lambda row: -row["longest"])


def _stage(model, state):
    label = model.State(state).label
    return label if model is Participation else _("Postulación %(state)s") % {"state": label.lower()}


def expiring(edition, on, until):
    """Licences and ITSE of companies in the edition that run out between `on` and `until`, soonest first."""
    companies = edition.participations.in_course().values("company")
    window = Q(valid_until__gte=on, valid_until__lte=until)
    rows = SiteDocument.objects.filter(window, company__in=companies, site__in_scope=True, site__closed_on=None)
    return rows.select_related("company", "site").order_by("valid_until")
