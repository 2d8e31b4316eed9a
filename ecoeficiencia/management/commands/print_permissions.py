"""Print docs/permissions.md from the permission tables and the addresses, or check that it is up to date."""

import re
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import URLPattern, get_resolver
from django.utils import translation

from companies.audience import NAMES, Who

PAGE = Path(settings.BASE_DIR) / "docs" / "permissions.md"
ROOMS = ("companies", "requirements_std", "programs", "audits")
DOORS = {
    "public": "Puerta pública y lo común a todas las cuentas",
    "empresa": "Puerta de la empresa",
    "monitor": "Puerta del monitor",
    "auditoria": "Puerta de auditoría",
    "panel": "Panel de PROMPERÚ",
    "outside": "Fuera de las puertas: cuentas, administración técnica y salud",
}
HEAD = """# Permisos

Quién puede leer cada página y quién puede actuar en ella. Lo imprime `manage.py print_permissions` a partir de las
tablas `permissions.py` de cada aplicación; no se corrige a mano. `tests/test_isolation.py` pide cada dirección como
cada tipo de persona y compara lo que responde el producto con estas tablas.

- Toda relación es **con el registro que muestra la página y con la fecha de hoy**: quien dejó la empresa, el monitor
  cuya asignación terminó, el auditor que se apartó o cuya auditoría terminó hace más de 90 días y la cuenta desactivada
  dejan de ver en la siguiente petición.
- A los demás se les responde lo mismo que si la página no existiera (404). A quien no ingresó se le pide ingresar.
- «Actúa» es a quién atiende la página. Que el acto proceda depende además del turno, el plazo y lo que falte.
- «Personal de PROMPERÚ» es coordinación, revisión, decisión y administración. Monitores y preauditores entran por su
  propia puerta y ven solo lo suyo."""


def addresses(patterns=None, namespace="", prefix="/"):
    """(door, name, path) of every address; the door is "outside" for those of no door, the name full or the route."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern).removeprefix("^")
        if not isinstance(entry, URLPattern):
            yield from addresses(entry.url_patterns, ":".join(filter(None, [namespace, entry.namespace])), path)
        elif namespace in DOORS:
            yield namespace, entry.name, path
        else:
            route = path.removeprefix("/")
            yield "outside", ":".join(filter(None, [namespace, entry.name])) if entry.name else route, path


def tables():
    """The rows of each door, in the order of the rooms."""
    rooms = [import_module(f"{room}.permissions") for room in ROOMS]
    return {door: [page for room in rooms for page in getattr(room, door, [])] for door in DOORS}


def page_of(door, name, pages=None):
    """The row that speaks for an address, the first that fits; None without one."""
    rows = (tables() if pages is None else pages)[door]
    return next((page for page in rows if fnmatchcase(name or "", page.name)), None)


def who(relations):
    """The people of `relations` in words; sets that have a name by their name."""
    if not relations:
        return "–"
    words, left = [], set(relations)
    for group in sorted(NAMES, key=len, reverse=True):
        if group <= left:
            words.append(str(NAMES[group]))
            left -= group
    return "; ".join([*words, *(str(one.label) for one in Who if one in left)])


def readable(path):
    """/empresa/<int:company>/ as /empresa/…/; expressions as what they stand for."""
    path = re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>|\([^)]*\)", "…", path)
    return re.sub(r"[\\^$?]", "", path)


def section(door, title, rows, paths):
    lines = [f"## {title}", "", "| página | dirección | quién lee | quién actúa |", "|---|---|---|---|"]
    for page in rows:
        title = f"{page.title}. {page.note}" if page.note else page.title
        found = [readable(path) for name, path in paths if page_of(door, name, {door: rows}) is page]
        shown = "<br>".join(f"`{path}`" for path in dict.fromkeys(found[:3])) + (" …" if len(found) > 3 else "")
        lines.append(f"| {title} | {shown} | {who(page.read)} | {who(page.act)} |")
    return "\n".join(lines)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="fail when the page differs from the tables")

    def handle(self, *args, check, **options):
        pages, known = tables(), list(addresses())
        self._complete(pages, known)
        with translation.override(settings.LANGUAGE_CODE):
            parts = [
                section(door, title, pages[door], [(name, path) for place, name, path in known if place == door])
                for door, title in DOORS.items()
            ]
        text = "\n\n".join([HEAD, *parts]) + "\n"
        if not check:
            PAGE.write_text(text)
        elif not PAGE.exists() or PAGE.read_text() != text:
            raise CommandError("docs/permissions.md differs from the tables: run manage.py print_permissions.")

    def _complete(self, pages, known):
        for door, name, path in known:
            if page_of(door, name, pages) is None:
                raise CommandError(f"{path} has no row: add Page({name!r}, …) to `{door}` in its app's permissions.py.")
        names = {(door, name) for door, name, _path in known}
        for door, rows in pages.items():
            for page in rows:
                if not any(place == door and fnmatchcase(name or "", page.name) for place, name in names):
                    raise CommandError(f"The row {page.name!r} of `{door}` speaks of no address: remove or rename it.")
