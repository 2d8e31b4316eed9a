"""Every form of the product, sent to every address that takes one: what it does not ask for changes nothing, and what
belongs to another company is answered like what does not exist."""

import re
from collections import ChainMap, Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
import time_machine
from django import forms
from django.conf import settings as configured
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import User
from ecoeficiencia.fields import NameField
from ecoeficiencia.management.commands.print_permissions import page_of, tables
from requirements_std.forms.rows import RowForm
from tests.test_house_rules import CODE
from tests.test_isolation import words

from . import preparing
from .addresses import NO_SUCH, of_the_doors
from .canaries import PUBLIC, Canaries
from .crowd import undone
from .filling import belongs_to_a_company, classes, filled, foreign, made, never_asked_for, watched, writes

pytestmark = pytest.mark.django_db
DRAWN = configured.TEMPLATES  # what `quick` takes away
MOMENT = "2026-11-24 15:00-05:00"  # later on the day of every test
ROUNDS = 3  # a page may bind a second form once the first is right


@dataclass
class Sent:
    """One address, answered to somebody whom it serves: what it reads, and what it writes when all of it is right.

    said: every statement that wrote, also of an answer that refused.
    """

    where: str
    path: str
    label: str
    prepare: Callable
    data: dict
    forms: list = field(default_factory=list)
    wrote: list = field(default_factory=list)
    said: list = field(default_factory=list)

    @property
    def faults(self):
        return [f"{type(form).__name__}: {dict(form.errors)}" for form in self.forms if form.errors]


@dataclass
class Answer:
    """forms: those that were bound. filled: what a person would write into them. wrote: the statements that write."""

    status: int
    to: str
    forms: list
    wrote: list
    filled: dict


class Sender:
    """Puts a post to a view, in a state that is prepared and undone; the clock stands still, ids begin anew."""

    def __init__(self, world, quick):
        self.world, self.quick = world, quick

    def send(self, sent, data):
        with time_machine.travel(MOMENT, tick=False), ids_begin_anew(), undone():
            sent.prepare(self.world)
            with watched() as bound, CaptureQueriesContext(connection) as statements:
                answer = self.quick.ask(sent.label, "POST", sent.path, made(data))
            wrote = writes(statements.captured_queries)
            given = [filled(form, preparing.VALUES) for form in bound]
        return Answer(answer.status_code, answer.get("Location", ""), bound, wrote, dict(ChainMap(*given)))


@contextmanager
def ids_begin_anew():
    """What is undone gives no id back on PostgreSQL; two posts alike should write alike."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences")
        last = cursor.fetchall() if connection.vendor == "postgresql" else []
        yield
        for name, value in last:
            cursor.execute("SELECT setval(%s::regclass, %s, %s)", [name, value or 1, value is not None])


def acts(world):
    """Each address that takes acts, with somebody whom it serves; more than once where its path chooses the form."""
    pages = tables()
    for address in of_the_doors():
        page, place = page_of(address.door, address.name, pages), address.cases(world)[0][1]
        who = [label for label, one in world.people.items() if page.act & one.is_to(place) and one.user]
        if not who:
            continue
        for path, way in preparing.paths(address, world):
            where = f"{address} {way}".strip()
            for act in preparing.ACTS.get(where, ("",)):
                name = f"{where} {act}".strip()
                yield Sent(name, path, preparing.served_by(who), preparing.of(address), preparing.asked(name, world))


@pytest.fixture(scope="module")
def known():
    return {}


@pytest.fixture
def posts(world, quick, known):
    """Every act, sent whole and right, with the forms it reads and what it writes."""
    if not known:
        sender = Sender(world, quick)
        for sent in acts(world):
            asked, answer = sent.data, sender.send(sent, {**sent.data, "x": "1"})
            for _round in range(ROUNDS):
                sent.data = answer.filled | sent.data | asked
                before, answer = answer, sender.send(sent, sent.data)
                sent.forms, sent.said = answer.forms, answer.wrote
                sent.wrote = answer.wrote if answer.status < 400 else []
                if {form.prefix for form in before.forms} == {form.prefix for form in answer.forms}:
                    break
            known[sent.where] = sent
    return list(known.values())


def test_every_form_is_sent_right_and_writes_something(posts):
    """Else what follows would prove nothing. A form that no address binds is named here too."""
    bound = {type(form) for sent in posts for form in sent.forms}
    wrote = {type(form) for sent in posts if sent.wrote and not sent.faults for form in sent.forms}
    bases = {base for form in bound for base in form.__mro__}
    reached = bases | preparing.BY_ADDRESS | preparing.ELSEWHERE
    assert sorted(form.__name__ for form in set(classes()) - reached) == []
    assert sorted(f"{sent.where} as {sent.label}: {sent.faults}" for sent in posts if sent.faults) == []
    assert sorted(form.__name__ for form in bound - wrote - preparing.WRITES_NOTHING) == []


def test_what_a_form_does_not_ask_for_changes_nothing(world, quick, posts):
    sender, forged, differ = Sender(world, quick), never_asked_for(world), []
    for sent in posts:
        own = {form.add_prefix(name) for form in sent.forms for name in form.fields} | set(sent.data)
        own |= preparing.READ_BESIDES.get(sent.where.split()[0], set())
        prefixes = {form.prefix for form in sent.forms} | {None}
        extra = {f"{p}-{name}" if p else name: value for p in prefixes for name, value in forged.items()}
        more = {name: value for name, value in extra.items() if name not in own} | sent.data
        again = [sent.said, sender.send(sent, more).wrote]
        if again[0] != again[1]:
            told = next((pair for pair in zip(*again, strict=False) if pair[0] != pair[1]), again)
            differ.append(f"{sent.where} as {sent.label}: {told}")
    assert differ == []
    wanted = {"state", "company", "company_id", "user", "number", "decided_by", "is_staff", "is_superuser", "code"}
    assert wanted <= set(forged)


def test_what_is_another_companys_is_no_choice_and_told_like_none(world, quick, posts):
    sender, differ, asked = Sender(world, quick), [], set()
    for sent in posts:
        for form in sent.forms:
            for name, choices in form.fields.items():
                if not isinstance(choices, forms.ModelChoiceField) or choices.disabled:
                    continue
                if (theirs := foreign(choices, world)) is None:
                    if belongs_to_a_company(choices.queryset.model) and not sent.label.startswith("staff"):
                        differ.append(f"{sent.where} {name} offers {sent.label} the rows of every company")
                    continue
                asked.add((type(form).__name__, name))
                told = [_refused(sender, sent, form, name, value) for value in (theirs, NO_SUCH)]
                if told[0] != told[1] or not told[0][0] or told[0][1]:
                    differ.append(f"{sent.where} {name}={theirs}: {told[0]}, and of none {told[1]}")
    assert differ == []
    assert {("MeasureForm", "site"), ("LinkForm", "evidence"), ("AcceptForm", "auditor")} <= asked


def _refused(sender, sent, form, name, value):
    """What is said of `value` in this field, and what was written."""
    many = isinstance(form.fields[name], forms.ModelMultipleChoiceField)
    answer = sender.send(sent, sent.data | {form.add_prefix(name): [value] if many else value})
    alike = [again for again in answer.forms if type(again) is type(form) and again.prefix == form.prefix]
    said = [sentence for again in alike for sentence in again.errors.get(name, ())]
    return [re.sub(rf"\b{value}\b", "…", sentence) for sentence in said], answer.wrote


def texts_of(posts):
    """{"Form.field": (form, field)} of each text that a form of any address takes."""
    return {
        f"{type(form).__name__}.{name}": (form, text)
        for sent in posts
        for form in sent.forms
        for name, text in form.fields.items()
        if isinstance(text, forms.CharField) and not text.disabled
    }


def test_every_text_has_a_longest_length(posts):
    """Said by the form, by the column, or because what is longer is nothing that the field knows."""
    endless = []
    for where, (form, text) in texts_of(posts).items():
        columns = getattr(form, "_meta", None) and {column.name: column for column in form._meta.model._meta.fields}
        column = (columns or {}).get(where.partition(".")[2])
        if text.max_length or getattr(column, "max_length", None):
            continue
        with suppress(ValidationError):
            text.clean("a" * 1_100_000)
            endless.append(where)
    assert endless == []


def test_every_name_is_written_in_one_lettering(posts):
    """A text of one line is a name, which takes no imitation of another, or stands among those that are none."""
    lines = {
        where: text
        for where, (_form, text) in texts_of(posts).items()
        if type(text.widget) is forms.TextInput and type(text) in (forms.CharField, NameField)
    }
    plain = {where for where, text in lines.items() if type(text) is forms.CharField}
    assert plain == preparing.NO_NAMES
    names = {where: text for where, text in lines.items() if where not in plain}
    assert {"SiteForm.name", "MandateForm.full_name", "ActionForm.responsible", "SessionForm.speaker"} <= set(names)
    for text in names.values():
        for imitation in ("РROMPERÚ", "PROM\u202ePERU", "PROM\u200bPERU"):
            with pytest.raises(ValidationError):
                text.clean(imitation)


def test_a_choice_that_is_none_is_refused(world, quick, posts):
    sender, taken = Sender(world, quick), []
    for sent in posts:
        for form in sent.forms:
            for name, choices in form.fields.items():
                closed = isinstance(choices, forms.ChoiceField) and not isinstance(choices, forms.ModelChoiceField)
                if not closed or choices.disabled:
                    continue
                said, wrote = _refused_choice(sender, sent, form, name, choices)
                if not said or (wrote and not isinstance(form, RowForm)):  # rows beside it are saved, each for itself
                    taken.append(f"{sent.where} {name}: {said}, {wrote}")
    assert taken == []


def _refused_choice(sender, sent, form, name, choices):
    value = ["no-hay"] if isinstance(choices, forms.MultipleChoiceField) else "no-hay"
    answer = sender.send(sent, sent.data | {form.add_prefix(name): value})
    bound = [again for again in answer.forms if type(again) is type(form) and again.prefix == form.prefix]
    return [again.errors[name] for again in bound if name in again.errors], answer.wrote


def test_no_answer_to_a_form_tells_a_word_of_another_company(world, crowd, posts, settings):
    """Sent right and followed to its page, sent empty, sent of a version that nobody has: what comes is searched."""
    settings.TEMPLATES = DRAWN
    planted, leaks, faults, seen = Canaries(world.rival.company), [], [], Counter()
    for sent in posts:
        if sent.label.startswith("staff"):
            continue
        for data in (sent.data, {"x": "1"}, sent.data | {"version": "99", "x": "1"}):
            with undone():
                sent.prepare(world)
                answer = crowd.ask(sent.label, "POST", sent.path, made(data), follow=True)
            seen[answer.status_code] += 1
            content = b"".join(answer) if answer.streaming else answer.content
            if told := planted.found_in(content) - PUBLIC:
                leaks.append(f"{sent.where} as {sent.label} shows {', '.join(sorted(told))}")
            if answer.status_code >= 500:
                faults.append(sent.where)
    assert (leaks, faults) == ([], [])
    assert {200, 409, 422} <= set(seen)


def test_rows_named_in_a_list_are_ones_own_or_none(world, quick):
    """Where a page reads ids from its boxes, outside a form."""
    sender, differ = Sender(world, quick), []
    for name, label, key, theirs in preparing.LISTS:
        sent = Sent(name, preparing.path_of(name, world), label, preparing.nothing, {})
        answers = [sender.send(sent, {key: [str(value)], "x": "1"}) for value in (theirs(world), NO_SUCH)]
        told = [(answer.status, answer.to, answer.wrote) for answer in answers]
        if told[0] != told[1] or told[0][-1]:
            differ.append(f"{name} {key}: {told[0]}, and of none {told[1]}")
    assert differ == []


def test_what_views_read_outside_forms_is_known():
    """A name read from the request itself is a form that the tests above do not see."""
    reads = re.compile(r"request\.POST(?:\.get|\.getlist)?[(\[]\"(\w+)\"|\"(\w+)\" (?:not )?in request\.POST")
    found = {
        name
        for path in CODE
        if "views" in path.parts
        for match in reads.finditer(path.read_text())
        for name in match.groups()
        if name
    }
    assert found == preparing.READ_OUTSIDE_FORMS


def test_signing_up_takes_nothing_else(world, client):
    data = {"first_name": "Nora", "last_name": "Paz", "email": "nora@nueva.example", "password1": "una-clave-larga"}
    client.post("/cuenta/signup/", never_asked_for(world) | {"is_active": "", "groups": "1"} | data | {"consent": "on"})
    made_of = User.objects.get(email=data["email"])
    assert (made_of.is_staff, made_of.is_superuser, made_of.first_name) == (False, False, "Nora")
    related = ("memberships", "appointments", "body_roles", "groups")
    assert [name for name in related if getattr(made_of, name).exists()] == []


ASKERS = ("representative", "monitor", "pre-auditor", "external auditor", "body manager")


def test_a_list_asked_for_what_is_another_companys_answers_like_for_nothing(world, crowd):
    """What an address chooses from: with an id of the other company the page is the one of an id of nothing."""
    theirs, differ, asked = {"sede": world.rival.site.pk, "empresa": world.rival.company.pk}, [], set()
    pages = tables()
    for address in of_the_doors():
        page, (path, place) = page_of(address.door, address.name, pages), address.cases(world)[0]
        label = next((one for one in ASKERS if page.read & world.people[one].is_to(place)), None)
        if label is None:
            continue
        with watched() as bound:
            crowd.ask(label, "GET", path, {"x": "1"})
        fields = [item for form in bound for item in form.fields.items()]
        for name in [name for name, one in fields if hasattr(one, "choices")]:
            if name not in theirs:
                continue
            asked.add(name)
            told = [_shown(crowd, label, path, name, value) for value in (theirs[name], NO_SUCH)]
            if told[0] != told[1]:
                differ.append(f"{address} {name} as {label}")
    assert (differ, asked) == ([], set(theirs))


def _shown(crowd, label, path, name, value):
    """A page without its token, the key of its forms, and what was asked for."""
    status, kind, content = words(crowd.ask(label, "GET", path, {name: value}))
    text = re.sub(r'name="envio" value="[^"]*"', "", content.decode())
    return status, kind, text.replace(f"{name}={value}", f"{name}=…")
