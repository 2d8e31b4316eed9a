from contextlib import suppress
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from ecoeficiencia import pdf
from ecoeficiencia.jobs import handles
from ecoeficiencia.lifecycle import IllegalMove

from . import notices, paper_reminders, reminders  # noqa: F401  (papers add themselves to the reminders)
from .models import (
    Application,
    ApplicationRevision,
    CommitmentLetter,
    DecisionLetter,
    Session,
    Signature,
    StatementCopy,
)
from .sworn_statement import parts


@handles("programs.application_record")
def application_record(revision):
    """Print what was handed in, as it was."""
    row = ApplicationRevision.objects.select_related("application__company", "application__edition").get(pk=revision)
    if row.record is None:
        context = {"revision": row, "application": row.application, "sections": row.data["sections"]}
        row.record = pdf.keep("application_record.html", context)
        row.save(update_fields=["record"])


@handles("programs.sworn_statement")
def sworn_statement(signature):
    """Print the words the representative accepted, with the evidence of the acceptance."""
    row = Signature.objects.select_related("application__company", "code").get(pk=signature)
    if row.pdf is None:
        row.pdf = pdf.keep("sworn_statement.html", {"signature": row, **_statement(row.application, row.text)})
        row.save(update_fields=["pdf"])


def _statement(application, text):
    opening, points = parts(text)
    return {
        "opening": opening, "points": points, "company": application.company, "file_number": application.number or "",
    }  # fmt: skip


@handles("programs.statement_copy")
def statement_copy(copy):
    """Print the words in force of a sworn statement, with a line to sign on."""
    row = StatementCopy.objects.select_related("application__company").get(pk=copy)
    if row.pdf is None:
        context = {"signature": None, "copy": row, **_statement(row.application, row.text)}
        row.pdf = pdf.keep("sworn_statement.html", context)
        row.save(update_fields=["pdf"])


@handles("programs.signed_letter")
def signed_letter(letter):
    """Print the letter as it was signed on screen, with the evidence; nothing when it was given back meanwhile."""
    rows = CommitmentLetter.objects.select_related("participation__company", "participation__application")
    row = rows.select_related("signature__code").get(pk=letter)
    if row.signature and row.signed_copy is None:
        row.signed_copy = row.signature.pdf = pdf.keep("letter.html", row.printed_signed())
        row.signature.save(update_fields=["pdf"])
        row.save(update_fields=["signed_copy"])


@handles("programs.letter")
def commitment_letter(letter):
    """Print the letter for whoever represented the company when it was issued."""
    row = CommitmentLetter.objects.select_related("participation__company", "participation__edition__program").get(
        pk=letter
    )
    if row.pdf is None:
        row.pdf = pdf.keep("letter.html", row.printed())
        row.save(update_fields=["pdf"])


@handles("programs.recheck")
def recheck():
    """A register was loaded: ask it about everybody whose application is not over."""
    today = timezone.localdate()
    states = Application.State
    rows = Application.objects.exclude(state__in=[states.ADMITTED, states.REJECTED, states.WITHDRAWN])
    rows = rows.select_related("company", "edition__program")
    for row in rows.iterator(chunk_size=500):
        row.check_registers(on=today, moment="import")


@handles("programs.session")
def tell_of_session(session, fact, sequence, was=None):
    """Tell the companies of one change to a session; what changed once more since is told by the later job."""
    row = Session.objects.select_related("workshop__edition").get(pk=session)
    if row.sequence == sequence:
        notices.tell_session(row, fact, datetime.fromisoformat(was) if was else None)


@handles("programs.decision_letter")
def decision_letter(letter):
    """Print what was written to an applicant when it was decided."""
    row = DecisionLetter.objects.select_related("application__company", "application__decided_by").get(pk=letter)
    if row.pdf is None:
        application = row.application
        context = {"letter": row, "company": application.company, "reference": application.number}
        row.pdf = pdf.keep("decision_letter.html", context | {"decided_by": application.decided_by})
        row.save(update_fields=["pdf"])


@shared_task
def send_reminders():
    """Every quarter of an hour. Safe to run twice: each rung has one key a person."""
    reminders.send(timezone.localdate())


@shared_task
def lapse_terms():
    """Every quarter of an hour. An application lapses once."""
    today = timezone.localdate()
    late = Application.objects.filter(state=Application.State.OBSERVED, due_on__lt=today, lapsed_at=None)
    for row in late.select_related("company", "edition"):
        with suppress(IllegalMove):  # answered at this moment
            row.lapse(today)
