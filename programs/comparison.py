"""What changed between two versions a company handed in, field by field."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One field that differs. `section` is a key of the form; `site` the id of the site it speaks of, if any."""

    section: str
    title: str
    group: str
    site: int | None
    label: str
    old: str
    new: str


def compare(old, new):
    """The fields of two snapshots that differ, in the order of the form; what one lacks is empty there."""
    before, after = _fields(old), _fields(new)
    keys = list(after) + [key for key in before if key not in after]
    empty = ("", "", "", None)
    changes = []
    for key in keys:
        was, now = before.get(key, empty), after.get(key, empty)
        if was[0] != now[0]:
            section, _place, label = key
            _value, title, group, site = now if key in after else was
            changes.append(Change(section, title, group, site, label, was[0], now[0]))
    return changes


def _fields(snapshot):
    """{(section, place, label): (value, section title, group title, site)}"""
    found = {}
    for section in snapshot.get("sections", []):
        for number, group in enumerate(section["groups"]):
            place = group["site"] or group["title"] or number
            where = (section["title"], group["title"], group["site"])
            for label, value in group["rows"]:
                found[section["key"], place, label] = (value, *where)
            for paper in group["documents"]:
                for field in ("number", "issuer", "issued_on", "valid_until", "filename", "sha256"):
                    value = paper.get(field, "")
                    shown = value[:12] if field == "sha256" else value
                    found[section["key"], place, f"{paper['title']}: {FIELDS[field]}"] = (shown, *where)
    return found


FIELDS = {
    "number": "número",
    "issuer": "emisor",
    "issued_on": "emisión",
    "valid_until": "vencimiento",
    "filename": "archivo",
    "sha256": "huella del archivo",
}
