"""What falls due and whom to tell. Another room adds its own dates with `register_source`.

The rule is «the rung is reached and not yet told», never «today is exactly so many days before»: a worker that was
down for days sends the last useful rung, once, and running twice sends nothing more.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Company, Duty, Membership, Notice, SiteDocument, User
from ecoeficiencia.workdays import decreed_days, workdays_between

from .models import Application, CommitmentLetter, Participation, Session

BEFORE = (15, 7, 3, 1, 0)  # calendar days before the due day
EXPIRY = (180, 90, 60, 30, 7, 0)
AFTER_EVERY = 5  # business days
ESCALATE_AFTER = 10  # business days past the due day from which PROMPERÚ's coordinators are told too
LETTER_UNSIGNED_AFTER = 5  # business days


@dataclass(frozen=True)
class DueItem:
    """One thing that falls due for the people of a company, or for `users` when given.

    key: the object, stable: "application:7". title: what must be done, as a short sentence without the date.
    url: path inside the site. ladder: calendar days before the due day at which to tell. repeats: whether to tell
    again every AFTER_EVERY business days after it, escalating to PROMPERÚ. useful_for: without repeats, how many
    days after the due day the last rung is still worth sending. started: the due day is when waiting began.
    """

    key: str
    due_on: date
    title: str
    company: Company
    url: str = ""
    body: str = ""
    users: tuple = ()
    ladder: tuple[int, ...] = BEFORE
    repeats: bool = True
    useful_for: int = 0
    started: bool = False


Source = Callable[[date], Iterable[DueItem]]
_sources: list[Source] = []


def register_source(source: Source) -> Source:
    """Add `source(on)`, which yields the DueItems known on day `on`. Call it in the app's tasks.py; a decorator too."""
    if source not in _sources:
        _sources.append(source)
    return source


def rung(item: DueItem, on: date, decreed=frozenset()) -> str:
    """The last rung `item` has reached on day `on`: "15" … "0" before, "+5", "+10" … after; "" when none yet."""
    left = (item.due_on - on).days
    if left < 0 and item.repeats:
        steps = workdays_between(item.due_on, on, decreed) // AFTER_EVERY
        if steps:
            return f"+{steps * AFTER_EVERY}"
    if left < 0 and (not item.ladder or (not item.repeats and -left > item.useful_for)):
        return ""
    reached = [days for days in item.ladder if left <= days]
    return str(min(reached)) if reached else ""


def when(item: DueItem, on: date) -> str:
    """The date of `item` in words, as read on day `on`."""
    day, left = f"{item.due_on:%d/%m/%Y}", (item.due_on - on).days
    if item.started:
        return _("Espera desde el %(day)s.") % {"day": day}
    if left == 0:
        return _("Vence hoy, %(day)s.") % {"day": day}
    if left < 0:
        return ngettext("Venció el %(day)s, hace %(n)d día.", "Venció el %(day)s, hace %(n)d días.", -left) % {
            "day": day,
            "n": -left,
        }
    return ngettext("Vence el %(day)s. Queda %(n)d día.", "Vence el %(day)s. Quedan %(n)d días.", left) % {
        "day": day,
        "n": left,
    }


def due_items(on: date) -> list[DueItem]:
    """Everything with a due day that somebody should hear about, from every room, on day `on`."""
    autodiscover_modules("tasks")  # where the other rooms register theirs
    return [item for source in _sources for item in source(on)]


def send(on: date) -> int:
    """Tell what has reached a rung and was not told yet; return how many notices are new."""
    decreed = decreed_days()
    reached = [(item, step) for item in due_items(on) if (step := rung(item, on, decreed))]
    audience = _audience(on, [item for item, _step in reached])
    staff = list(User.objects.with_duty(Duty.COORDINATOR)) if reached else []
    wanted = []  # (item, rung, person, address): staff follow the company, its people follow the object
    for item, step in reached:
        people = list(item.users) or audience[item.company.pk]
        wanted += [(item, step, person, item.url) for person in people]
        if step.startswith("+") and int(step) >= ESCALATE_AFTER:
            url = reverse("panel:company", args=[item.company.pk])
            wanted += [(item, step, person, url) for person in staff if person not in people]
    keys = {_key(item, step) for item, step, _person, _url in wanted}
    told = set(Notice.objects.filter(key__in=keys).values_list("user_id", "key"))
    return sum(_tell(*row, on) for row in wanted if (row[2].pk, _key(row[0], row[1])) not in told)


def _key(item, step):
    return f"reminder:{item.key}:{item.due_on:%Y-%m-%d}:{step}"


def _tell(item, step, person, url, on):
    body = " ".join(part for part in (when(item, on), item.body) if part)
    told = {"key": _key(item, step), "kind": "reminder", "title": item.title[:200], "body": body}
    with transaction.atomic():
        return len(Notice.tell([person], **told, url=url, company=item.company))


def _audience(on, items):
    """The people who act for each company, by company, in one query."""
    people = defaultdict(list)
    members = Membership.objects.in_force(on).exclude(role=Membership.Role.READER)
    companies = {item.company.pk for item in items}
    for member in members.filter(company__in=companies, user__is_active=True).select_related("user"):
        people[member.company_id].append(member.user)
    return people


# What this room knows of


@register_source
def observed_applications(on):
    rows = Application.objects.filter(state=Application.State.OBSERVED, due_on__isnull=False).select_related("company")
    for row in rows:
        yield DueItem(
            key=f"application:{row.pk}",
            due_on=row.due_on,
            title=_("Subsane su postulación observada"),
            company=row.company,
            url=reverse("empresa:application", args=[row.pk]),
        )


@register_source
def unsigned_letters(on):
    waiting = CommitmentLetter.objects.in_turn_of("company").select_related("participation__company")
    for row in waiting.filter(participation__state=Participation.State.LETTER_ISSUED):
        yield DueItem(
            key=f"letter:{row.pk}",
            due_on=row.issued_on,
            title=_("Firme y suba la carta de compromiso"),
            company=row.participation.company,
            url=reverse("empresa:letter", args=[row.pk]),
            ladder=(),
            started=True,
        )


@register_source
def sessions(on):
    """The workshops of the next days, for every company that takes part in their edition."""
    start, end = on, on + timedelta(days=2)
    near = Session.objects.filter(starts_at__date__gte=start, starts_at__date__lt=end).select_related("workshop")
    by_edition = defaultdict(list)
    for session in near:
        by_edition[session.workshop.edition_id].append(session)
    taking_part = Participation.objects.in_training().filter(edition__in=by_edition).select_related("company")
    for row in taking_part:
        for session in by_edition[row.edition_id]:
            at = timezone.localtime(session.starts_at)
            yield DueItem(
                key=f"session:{session.pk}:{row.pk}",
                due_on=at.date(),
                title=_("Taller: %(name)s") % {"name": session.workshop},
                body=_("Empieza a las %(hour)s. %(where)s")
                % {"hour": f"{at:%H:%M}", "where": session.place or session.link or session.get_mode_display()},
                company=row.company,
                url=reverse("empresa:workshops", args=[row.company_id]),
                ladder=(1, 0),
                repeats=False,
            )


@register_source
def site_documents(on):
    """The newest licence and ITSE of each site in the scope, for companies whose life in the programme goes on."""
    alive = Q(participations__in=Participation.objects.in_course()) | Q(
        participations__state=Participation.State.CERTIFIED
    )
    sites_alive = Company.objects.filter(alive).values("pk")
    newest = (
        SiteDocument.objects.filter(site__in_scope=True, site__closed_on=None, company__in=sites_alive)
        .order_by()
        .values("site", "kind")
        .annotate(last=Max("pk"))
        .values("last")
    )
    soon = on + timedelta(days=max(EXPIRY))
    for row in SiteDocument.objects.filter(
        pk__in=newest, valid_until__lte=soon, valid_until__gte=on - timedelta(days=30)
    ).select_related("company", "site"):
        yield DueItem(
            key=f"document:{row.pk}",
            due_on=row.valid_until,
            title=_("Renueve: %(document)s, sede %(site)s") % {"document": row, "site": row.site},
            company=row.company,
            url=reverse("empresa:profile", args=[row.company_id]),
            ladder=EXPIRY,
            repeats=False,
            useful_for=30,
        )
