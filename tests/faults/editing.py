"""Two people, or two pages of one person, write in the same record."""

import html
import threading
from urllib.parse import urlencode

from django.urls import reverse

from . import rows
from .library import FORM, library

WROTE = "Lo que escribió {who} en la ronda {n}, desde el año pasado"


def two_edit_one_record(make, rounds):
    from companies.models import Event
    from requirements_std.models import Fulfilment

    with library(make, FAULTS_PAUSE="edit", FAULTS_CLICKS="2") as (s, lib):
        since = Event.objects.latest("pk").pk
        free = Fulfilment.objects.filter(assessment__company=s.company, state="open").order_by("pk")
        one, two = free[:2]
        both = {"Ana": s.session, "Beto": _second_editor(lib)}
        for n in range(rounds):
            _one_after_the_other(lib, one, both, n)
            _at_once(lib, two, both, n)
        drafts = _draft_and_answer(lib, rounds)
        history = _history(since)
        lost = [text for text in s.ledger.told if not any(text in words for words in history)]
        assert lost == [], f"{len(lost)} acknowledged texts lost: {lost[:2]}"
        assert not (wrong := lib.wrong()), wrong
        note = "both texts shown, the second saved after choosing; a draft and an answer likewise"
        return rows.Result(2 * rounds + drafts, len(s.ledger.told), 0, 0, 0.0, note)


def _second_editor(lib):
    """The session of a colleague."""
    from companies.models import Membership, User

    user = User.objects.create(email="colega@pruebas.example", first_name="Beto")
    Membership.objects.create(user=user, company_id=lib.s.company, role=Membership.Role.COLLABORATOR)
    return lib.session_of(user)


def _save(lib, path, session, text, **fields):
    """Send a text as somebody; note in the ledger what came back."""
    answer = lib.ask("POST", path, urlencode(fields), FORM, session=session)
    lib.s.ledger.note(text, answer.status, 0.0, None)
    return answer


def _answer(lib, row, who, session, n, version):
    text = WROTE.format(who=who, n=n)
    path = reverse("empresa:fulfilment", args=[row.pk])
    return _save(lib, path, session, text, version=version, work=row.work, statement=text)


def _one_after_the_other(lib, row, both, n):
    """Both opened the page, one saves, then the other: who sees both texts, chooses, and saves."""
    (ana, hers), (beto, his) = both.items()
    row.refresh_from_db()
    opened = row.version
    lib.alone()
    assert _answer(lib, row, ana, hers, n, opened).status == 302
    second = _answer(lib, row, beto, his, n, opened)
    assert second.status == 409, f"the second of two is answered {second.status}: a text was written over"
    _shows(second, WROTE.format(who=ana, n=n), WROTE.format(who=beto, n=n))
    row.refresh_from_db()
    assert row.statement == WROTE.format(who=ana, n=n)
    assert _answer(lib, row, beto, his, n, row.version).status == 302


def _at_once(lib, row, both, n):
    """Both send in the same moment: one is saved, the other has what they wrote before them."""
    row.refresh_from_db()
    opened, answers = row.version, {}
    lib.together()

    def send(who, session):
        answers[who] = _answer(lib, row, who, session, n, opened)

    threads = [threading.Thread(target=send, args=pair) for pair in both.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = sorted(answer.status for answer in answers.values())
    assert got == [302, 409], f"two at once are answered {got}: a text was written over"
    for who, answer in answers.items():
        if answer.status == 409:
            _shows(answer, WROTE.format(who=who, n=n))


def _draft_and_answer(lib, rounds):
    """A page saves its draft by itself; an older page of the same answer is sent: it shows both texts."""
    from audits.models import NonConformity
    from companies.models import Company

    nc = NonConformity.objects.filter(state="open").select_related("audit__participation__company").first()
    company = nc.audit.participation.company
    editor = next(user for user in company.people() if company in Company.objects.edited_by(user))
    session, path = lib.session_of(editor), reverse("empresa:nonconformity", args=[nc.pk])
    lib.alone()
    for n in range(rounds):
        nc.refresh_from_db()
        draft, answer = (WROTE.format(who=who, n=n) for who in ("el borrador", "la respuesta"))
        saved = lib.ask(
            "POST", path, urlencode({"version": nc.version, "correction": draft, "root_cause": ""}), FORM,
            session=session, **{"X-Requested-With": "autosave"},
        )  # fmt: skip
        lib.s.ledger.note(draft, saved.status, 0.0, None)
        assert saved.status == 204, f"the draft is answered {saved.status}"
        sent = _save(lib, path, session, answer, version=nc.version, correction=answer, root_cause="", send="1")
        assert sent.status == 409, f"the older page is answered {sent.status}: a draft was written over"
        _shows(sent, draft, answer)
    return rounds


def _shows(answer, *texts):
    page = html.unescape(answer.text)
    missing = [text for text in texts if text not in page]
    assert missing == [], f"the page lost {missing}"


def _history(since):
    """What events written after `since` tell of the fields that changed."""
    from companies.models import Event

    return [str(data.get("changes")) for data in Event.objects.filter(pk__gt=since).values_list("data", flat=True)]


ROWS = {33: (two_edit_one_record, 4, "version", r"written over|texts lost")}
