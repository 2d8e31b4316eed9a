"""The development mailbox: the mails that the file backend has written, read back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path

RULE = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True)
class Letter:
    key: str
    subject: str
    to: str
    sent_at: datetime | None
    text: str


def newest_files(folder, limit=200):
    """Paths of the mail files, newest first; none when nothing was ever sent."""
    folder = Path(folder)
    if not folder.is_dir():
        return []
    return sorted(folder.glob("*.*"), key=lambda path: path.stat().st_mtime, reverse=True)[:limit]


def read(path):
    """The letters one file holds, newest first."""
    parts = [part for part in path.read_bytes().split(RULE) if part.strip()]
    return [_letter(f"{path.stem}-{n}", part) for n, part in reversed(list(enumerate(parts)))]


def letters(folder):
    return [letter for path in newest_files(folder) for letter in read(path)]


def _letter(key, raw):
    mail = message_from_bytes(raw.lstrip(), policy=policy.default)
    body = mail.get_body(preferencelist=("plain", "html"))
    date = mail["Date"]
    return Letter(
        key=key,
        subject=str(mail["Subject"] or ""),
        to=str(mail["To"] or ""),
        sent_at=_moment(str(date)) if date else None,
        text=body.get_content() if body else "",
    )


def _moment(written):
    """Django writes the hour as UTC of an unknown zone («-0000»), which Python reads without any."""
    at = parsedate_to_datetime(written)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
