"""What falls due and whom to tell. Another room adds its own dates with `register_source`.

The rule is «the rung is reached and not yet told», never «today is exactly so many days before»: a worker that was
down for days sends the last useful rung, once, and running twice sends nothing more.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Company, Duty, Membership, Notice, SiteDocument, Snooze, User
from companies.sending import still_due
from ecoeficiencia.workdays import Decreed, workdays_between
from ecoeficiencia.writing import due_in_workdays

from .models import Application, CommitmentLetter, Participation, Session
from .notices import session_entry

BEFORE = (15, 7, 3, 1, 0)  # calendar days before the due day
EXPIRY = (180, 90, 60, 30, 7, 0)
AFTER_EVERY = 5  # business days
ESCALATE_AFTER = 10  # business days past the due day from which PROMPERÚ's coordinators are told too
LETTER_UNSIGNED_AFTER = 5  # business days
BATCH = 500  # items taken at a time


@dataclass(frozen=True)
class DueItem:
    """One thing that falls due for the people of a company, or for `users` when given.

    key: the object, stable: "application:7". title: what must be done, as a short sentence without the date.
    url: path inside the site. ladder: calendar days before the due day at which to tell. repeats: whether to tell
    again every AFTER_EVERY business days after it, escalating to PROMPERÚ. useful_for: without repeats, how many
    days after the due day the last rung is still worth sending. started: the due day is when waiting began.
    calendar: a `companies.calendar.entry` for the mail. in_workdays: whether the rules count the term in business days.
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
    calendar: dict | None = None
    in_workdays: bool = False


Source = Callable[[date], Iterable[DueItem]]
_sources: list[Source] = []
_waiting = {}  # what is asked of an item, by the first word of its key


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


def when(item: DueItem, on: date, decreed=frozenset()) -> str:
    """The date of `item` in words, as read on day `on`."""
    day, left = f"{item.due_on:%d/%m/%Y}", (item.due_on - on).days
    if item.started:
        return _("Espera desde el %(day)s.") % {"day": day}
    if item.in_workdays:
        return _("El plazo es hasta el %(day)s: %(left)s.") % {
            "day": day,
            "left": due_in_workdays(item.due_on, on, decreed),
        }
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


def due_items(on: date) -> Iterator[DueItem]:
    """Everything with a due day that somebody should hear about, from every room, on day `on`, read as it goes."""
    autodiscover_modules("tasks")  # where the other rooms register theirs
    for source in _sources:
        yield from source(on)


def send(on: date) -> int:
    """Tell what has reached a rung and was not told yet; return how many notices are new.

    Memory stays that of two times BATCH items, however many companies there are.
    """
    reached, staff, new = _reached(on), None, 0
    while batch := list(islice(reached, BATCH)):
        staff = list(User.objects.with_duty(Duty.COORDINATOR)) if staff is None else staff
        new += _send_batch(batch, on, staff)
    return new


def _reached(on):
    """(item, rung, decreed days) of what has reached one, each by the calendar its company's terms run by."""
    items, calendar = due_items(on), Decreed()
    while part := list(islice(items, BATCH)):
        counted = {item.company.pk for item in part if item.in_workdays or (item.repeats and item.due_on < on)}
        seats = Company.objects.filter(pk__in=counted).seats() if counted else {}
        for item in part:
            decreed = calendar.of(seats.get(item.company.pk, ""))
            if step := rung(item, on, decreed):
                yield item, step, decreed


def _send_batch(batch, on, staff):
    """Tell those who heard neither their rung nor a later one; what they missed on the way is put on record."""
    items = [item for item, _step, _decreed in batch]
    audience, history = _audience(on, items), _history(items, on)
    put_off = Snooze.objects.about([_root(item) for item in items])
    telling, missing = [], []
    for item, step, decreed in batch:
        told = history[_root(item)]
        for person, url in _hearers(item, step, audience, staff):
            until = put_off.get((person.pk, _root(item)))
            own = _own_step(item, step, on, until)
            if own and _order(own) > _last(told[person.pk]):
                words = {"title": item.title, "body": _body(item, on, decreed), "company": item.company}
                facts = {"user": person, "url": url, **words}
                telling.append(Notice(key=_key(item, own), calendar=item.calendar, **facts))
                missed = [Notice(key=_key(item, one), **facts) for one in _missed(item, own, told[person.pk])]
                missing += [(notice, _why_missed(until)) for notice in missed]
    if not telling:
        return 0
    with transaction.atomic():
        Notice.note_skipped(missing, kind="reminder")
        return len(Notice.tell_all(telling, kind="reminder"))


def _hearers(item, step, audience, staff):
    """Who hears of `item` at `step`, each with the address that is theirs."""
    people = list(item.users) or audience[item.company.pk]
    yield from ((person, item.url) for person in people)
    if step.startswith("+") and int(step) >= ESCALATE_AFTER:
        url = reverse("panel:company", args=[item.company.pk])
        yield from ((person, url) for person in staff if person not in people)


def _body(item, on, decreed):
    return " ".join(part for part in (when(item, on, decreed), item.body) if part)


def _own_step(item, step, on, until):
    """The rung of somebody who put the item off until a day: none before it, and one of its own on it."""
    if until is None:
        return step
    return "" if until > on else max(step, str((item.due_on - until).days), key=_order)


def _why_missed(until):
    if until is None:
        return _("El sistema no pudo enviarlo a tiempo; salió el recordatorio siguiente.")
    return _("La persona lo pospuso hasta el %(day)s.") % {"day": f"{until:%d/%m/%Y}"}


def _order(step):
    """Rungs in the order in which they are climbed: "15" before "0" before "+5"."""
    return int(step) if step.startswith("+") else -int(step)


def _last(steps):
    return max(map(_order, steps), default=-(10**6))


def _missed(item, step, steps):
    """The rungs between the last one told and `step`; none for somebody who hears of it for the first time."""
    if not steps:
        return []
    low, high = _last(steps), _order(step)
    after = range(AFTER_EVERY, high, AFTER_EVERY) if item.repeats else ()
    rungs = [str(days) for days in item.ladder] + [f"+{days}" for days in after]
    return [one for one in rungs if low < _order(one) < high]


def _root(item):
    return f"reminder:{item.key}:{item.due_on:%Y-%m-%d}"


def _key(item, step):
    return f"{_root(item)}:{step}"


def _history(items, on):
    """{root: {user pk: rungs told or skipped}} for a batch, in one query."""
    roots = {_root(item) for item in items}
    told = defaultdict(lambda: defaultdict(set))
    companies = {item.company.pk for item in items}
    rows = Notice.objects.filter(kind="reminder", company__in=companies)
    for user, key in rows.order_by().values_list("user_id", "key").iterator(chunk_size=2000):
        root, _colon, step = key.rpartition(":")
        if root in roots:
            told[root][user].add(step)
    return told


def quiet_when(prefix):
    """Register `function(rest of the item's key, due day) -> bool`: whether items "prefix:…" still wait."""

    def register(function):
        _waiting[prefix] = function
        return function

    return register


@still_due("reminder")
def is_waiting(notice):
    """Whether what a reminder tells of is still undone, asked when its mail leaves; what nobody can tell is told."""
    item, _colon, _rung = notice.key.removeprefix("reminder:").rpartition(":")
    item, _colon, due = item.rpartition(":")
    prefix, _colon, rest = item.partition(":")
    return _waiting.get(prefix, lambda _rest, _due: True)(rest, date.fromisoformat(due)) if prefix else True


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
    for row in rows.iterator(chunk_size=BATCH):
        yield DueItem(
            key=f"application:{row.pk}",
            due_on=row.due_on,
            title=_("Subsane su postulación observada"),
            company=row.company,
            url=reverse("empresa:application", args=[row.pk]),
            in_workdays=True,
        )


@quiet_when("application")
def is_observed(pk, due_on):
    return Application.objects.filter(pk=pk, state=Application.State.OBSERVED, due_on=due_on).exists()


@register_source
def unsigned_letters(on):
    waiting = CommitmentLetter.objects.in_turn_of("company").select_related("participation__company")
    unsigned = waiting.filter(participation__state=Participation.State.LETTER_ISSUED)
    for row in unsigned.iterator(chunk_size=BATCH):
        yield DueItem(
            key=f"letter:{row.pk}",
            due_on=row.issued_on,
            title=_("Firme y suba la carta de compromiso"),
            company=row.participation.company,
            url=reverse("empresa:letter", args=[row.pk]),
            ladder=(),
            started=True,
        )


@quiet_when("letter")
def is_unsigned(pk, due_on):
    issued = Participation.State.LETTER_ISSUED
    return CommitmentLetter.objects.in_turn_of("company").filter(pk=pk, participation__state=issued).exists()


@register_source
def sessions(on):
    """The workshops of the next days, for every company that takes part in their edition."""
    start, end = on, on + timedelta(days=2)
    near = Session.objects.standing().filter(starts_at__date__gte=start, starts_at__date__lt=end)
    by_edition = defaultdict(list)
    for session in near.select_related("workshop"):
        by_edition[session.workshop.edition_id].append(session)
    taking_part = Participation.objects.in_training().filter(edition__in=by_edition).select_related("company")
    for row in taking_part.iterator(chunk_size=BATCH):
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
                calendar=session_entry(session),
            )


@quiet_when("session")
def is_on(rest, due_on):
    session, _colon, _participation = rest.partition(":")
    row = Session.objects.standing().filter(pk=session).first()
    return row is not None and timezone.localdate(row.starts_at) == due_on >= timezone.localdate()


@register_source
def site_documents(on):
    """The newest licence and ITSE of each site in the scope, for companies that apply or are in the programme."""
    alive = (
        Q(participations__in=Participation.objects.in_course())
        | Q(participations__state=Participation.State.CERTIFIED)
        | Q(applications__state__in=Application.IN_COURSE)
    )
    sites_alive = Company.objects.filter(alive).values("pk")
    newest = SiteDocument.objects.newest().filter(site__in_scope=True, site__closed_on=None, company__in=sites_alive)
    soon = on + timedelta(days=max(EXPIRY))
    ending = newest.filter(valid_until__lte=soon, valid_until__gte=on - timedelta(days=30))
    for row in ending.select_related("company", "site").iterator(chunk_size=BATCH):
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


@quiet_when("document")
def is_newest(pk, due_on):
    return SiteDocument.objects.newest().filter(pk=pk, valid_until=due_on).exists()
