"""What changed between two versions a company handed in, field by field."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Change:
    """One field that differs. `section` is a key of the form; `site` the id of the site it speaks of, if any.

    document: the kind of the site's document it is a fact of, "paper" of another, "" of a row.
    """

    section: str
    title: str
    group: str
    site: int | None
    label: str
    old: str
    new: str
    document: str = ""

    @property
    def is_name(self):
        return bool(self.document) and self.label.endswith(f": {FIELDS['filename']}")

    @property
    def is_hash(self):
        return bool(self.document) and self.label.endswith(f": {FIELDS['sha256']}")

    @property
    def file(self):
        """What it is a fact of, for a fact of a document."""
        return self.section, self.group, self.document, self.label.rpartition(": ")[0]


# Of the sections that several conditions share, the rows that speak of each; of the others, all do.
SPEAK_OF = {
    "legal": ("RUC", "Razón social", "Nombre comercial", "Partida registral", "Oficina registral", "Tamaño"),
    "operation": ("Inicio de operaciones",),
    "contact": ("Teléfono", "Correo"),
    "corporate_mail": ("Correo", "Página web"),
    "website": ("Página web", "Correo"),
}


def about(changes, item, proofs=()):
    """Those of `changes` that speak of the reviewed `item`, or of a paper that proves it. proofs: titles of those."""
    return [change for change in changes if _speaks_of(change, item, proofs)]


def _speaks_of(change, item, proofs):
    if change.section == "documentos":
        titles = [item.title] if item.entry_id else proofs
        return any(change.group in (title, f"{change.group.partition(': ')[0]}: {title}") for title in titles)
    if item.entry_id or change.section != item.section:
        return False
    if item.site_id:
        return change.site == item.site_id and change.document == item.key
    return change.label in SPEAK_OF.get(item.key, (change.label,))


def readable(changes):
    """`changes` without the hash of a file whose name says already that it is another one.

    The only file of a paper taken away, and the only one brought, are one change: it was replaced.
    """
    told = {change.file for change in changes if change.is_name}
    shown = [change for change in changes if not (change.is_hash and change.file in told)]
    by_paper = {}
    for change in shown:
        if change.is_name and change.document == "paper":
            by_paper.setdefault((change.section, change.group), []).append(change)
    for names in by_paper.values():
        if len(names) == 2 and {bool(change.old) for change in names} == {True, False}:
            came, gone = sorted(names, key=lambda change: bool(change.old))
            shown[shown.index(names[0])] = replace(came, label=FIELDS["filename"], old=gone.old)
            shown.remove(names[1])
    return shown


def compare(old, new):
    """The fields of two snapshots that differ, in the order of the form; what one lacks is empty there."""
    before, after = _fields(old), _fields(new)
    keys = list(after) + [key for key in before if key not in after]
    empty = ("", "", "", None, "")
    changes = []
    for key in keys:
        was, now = before.get(key, empty), after.get(key, empty)
        if was[0] != now[0]:
            section, _place, label = key
            _value, title, group, site, document = now if key in after else was
            changes.append(Change(section, title, group, site, label, was[0], now[0], document))
    return changes


def _fields(snapshot):
    """{(section, place, label): (value, section title, group title, site, kind of document)}"""
    found = {}
    for section in snapshot.get("sections", []):
        for number, group in enumerate(section["groups"]):
            place = group["site"] or group["title"] or number
            where = (section["title"], group["title"], group["site"])
            for label, value in group["rows"]:
                found[section["key"], place, label] = (value, *where, "")
            for paper in group["documents"]:
                kind = paper.get("of", paper["kind"])
                for field in ("number", "issuer", "issued_on", "valid_until", "filename", "sha256"):
                    value = paper.get(field, "")
                    shown = value[:12] if field == "sha256" else value
                    found[section["key"], (place, kind), f"{paper['title']}: {FIELDS[field]}"] = (shown, *where, kind)
    return found


FIELDS = {
    "number": "número",
    "issuer": "emisor",
    "issued_on": "emisión",
    "valid_until": "vencimiento",
    "filename": "archivo",
    "sha256": "huella del archivo",
}
