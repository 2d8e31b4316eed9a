"""A catalogue of requirements as a YAML file: read, checked whole, and loaded as a published version or not at all."""

import hashlib
import json
import re
from dataclasses import dataclass

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import Event

from .models import Aspect, Condition, Requirement, Standard

EVERYBODY = "todas"
METHODS = ("documental", "entrevista", "observacion", "medicion", "muestreo")
# Characters that the columns hold; fields not named here have no limit.
LONGEST = {"name": 150, "edition": 100, "pass_rule": 300, "description": 250, "title": 200}


@dataclass(frozen=True)
class Problem:
    """Where the catalogue is wrong and what is wrong with it."""

    where: str
    field: str
    what: str

    def __str__(self):
        return f"{self.where} · {self.field}: {self.what}"


class Refused(Exception):
    """The catalogue was not loaded. `problems` says why, row by row."""

    def __init__(self, *problems):
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class Catalogue:
    """The contents of one file. Nothing is assumed of them until `check` has found no problem."""

    def __init__(self, text):
        try:
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = _("línea %(line)s") % {"line": mark.line + 1} if mark else _("archivo")
            raise Refused(Problem(where, "YAML", _("no se puede leer: %(why)s") % {"why": error.problem})) from error
        self.data = data if isinstance(data, dict) else {}
        self.meta = self._dict(self.data.get("meta"))
        self.aspects = self._rows(self.data, "aspects")
        self.conditions = self._rows(self.data, "conditions")
        self.kpis = {str(row.get("code")): row for row in self._rows(self.data, "kpis")}
        self.workshops = [row.get("number") for row in self._rows(self.data, "workshops")]

    @staticmethod
    def _dict(value):
        return value if isinstance(value, dict) else {}

    def _rows(self, of, name):
        rows = of.get(name)
        return [self._dict(row) for row in rows] if isinstance(rows, list) else []

    @property
    def requirements(self):
        """(aspect, requirement) in the order of the file."""
        return [(aspect, row) for aspect in self.aspects for row in self._rows(aspect, "requirements")]

    @property
    def digest(self):
        """What tells two contents apart: SHA-256 of all of it, whatever the layout of the file."""
        return hashlib.sha256(
            json.dumps(self.data, sort_keys=True, ensure_ascii=False, default=str).encode()
        ).hexdigest()

    # Checking

    def check(self):
        """Every problem of the file, in its order."""
        return [*self._check_whole(), *self._check_aspects(), *self._check_requirements()]

    def _check_whole(self):
        for field in ("name", "edition", "disclaimer", "pass_rule"):
            if field != "disclaimer" or self.meta.get("status") == "NO OFICIAL":
                yield from self._text(_("meta"), self.meta, field)
        for field, found in (("aspect_count", len(self.aspects)), ("requirement_count", len(self.requirements))):
            yield from self._count(_("meta"), self.meta, field, found)
        yield from self._twins(_("condición"), "key", [row.get("key") for row in self.conditions])
        for row in self.conditions:
            yield from self._text(str(row.get("key")), row, "description")

    def _check_aspects(self):
        yield from self._twins(_("aspecto"), "code", [aspect.get("code") for aspect in self.aspects])
        yield from self._twins(_("aspecto"), "number", [aspect.get("number") for aspect in self.aspects])
        for aspect in self.aspects:
            where = str(aspect.get("code"))
            if not re.fullmatch(r"[A-Z]{2,4}", where):
                yield Problem(where, "code", _("debe llevar de 2 a 4 letras mayúsculas"))
            if not isinstance(aspect.get("number"), int):
                yield Problem(where, "number", _("debe ser un número entero"))
            yield from self._text(where, aspect, "name")
            if "requirement_count" in aspect:
                yield from self._count(where, aspect, "requirement_count", len(self._rows(aspect, "requirements")))

    def _check_requirements(self):
        rows = [row for _aspect, row in self.requirements]
        yield from self._twins(_("requisito"), "code", [row.get("code") for row in rows])
        yield from self._twins(_("requisito"), "number", [row.get("number") for row in rows])
        for aspect, row in self.requirements:
            yield from self._check_requirement(aspect, row)

    def _check_requirement(self, aspect, row):
        where = str(row.get("code"))
        if not re.fullmatch(rf"{re.escape(str(aspect.get('code')))}-\d{{2}}", where):
            yield Problem(where, "code", _("debe ser %(code)s-NN, como su aspecto") % {"code": aspect.get("code")})
        if not re.fullmatch(rf"{aspect.get('number')}\.\d+", str(row.get("number"))):
            yield Problem(where, "number", _("«%(value)s» no es del aspecto %(aspect)s") % {
                "value": row.get("number"), "aspect": aspect.get("number"),
            })  # fmt: skip
        for field in ("title", "text"):
            yield from self._text(where, row, field)
        yield from self._known(where, "criticality", row.get("criticality"), Requirement.Criticality.values)
        yield from self._known(where, "level", row.get("level"), Requirement.Level.values)
        keys = [EVERYBODY, *(condition.get("key") for condition in self.conditions)]
        yield from self._known(where, "applicability", row.get("applicability"), keys)
        yield from self._known(where, "workshop", row.get("workshop"), self.workshops)
        yield from self._known_list(where, row, "verification", METHODS)
        yield from self._known_list(where, row, "kpis", self.kpis, needed=False)
        yield from self._texts(where, row, "evidence")
        yield from self._texts(where, row, "iso")
        yield from self._texts(where, row, "legal", needed=False)

    def _text(self, where, row, field):
        value = row.get(field)
        if not isinstance(value, str) or not value.strip():
            yield Problem(where, field, _("está vacío"))
        elif len(value) > LONGEST.get(field, len(value)):
            yield Problem(where, field, _("pasa de %(limit)s caracteres") % {"limit": LONGEST[field]})

    def _texts(self, where, row, field, needed=True):
        values = row.get(field, [])
        if not isinstance(values, list) or any(not isinstance(v, str) or not v.strip() for v in values):
            yield Problem(where, field, _("debe ser una lista de textos, ninguno vacío"))
        elif needed and not values:
            yield Problem(where, field, _("está vacío"))

    def _known(self, where, field, value, known):
        if not any(value == one for one in known):
            yield Problem(where, field, _("«%(value)s» no está en la lista del catálogo") % {"value": value})

    def _known_list(self, where, row, field, known, needed=True):
        values = row.get(field, [])
        if not isinstance(values, list):
            yield Problem(where, field, _("debe ser una lista"))
        elif needed and not values:
            yield Problem(where, field, _("está vacío"))
        else:
            for value in values:
                yield from self._known(where, field, value, known)

    def _count(self, where, row, field, found):
        if row.get(field) != found:
            yield Problem(where, field, _("dice %(said)s y hay %(found)s") % {"said": row.get(field), "found": found})

    def _twins(self, where, field, values):
        values = [str(value) for value in values]
        for value in dict.fromkeys(value for value in values if values.count(value) > 1):
            yield Problem(f"{where} {value}", field, _("está repetido"))

    # Loading

    def load(self, code):
        """Write and publish the version of standard `code`; return (version, whether it is new).

        The same content again changes nothing. Raises Refused with every problem, and then writes nothing.
        """
        if problems := self.check():
            raise Refused(*problems)
        with transaction.atomic():
            standard, _new = Standard.objects.get_or_create(code=code, defaults={"name": self.meta["name"]})
            version = standard.versions.filter(edition=self.meta["edition"]).first()
            if version and version.digest == self.digest:
                return version, False
            if version:
                what = _("«%(edition)s» ya está publicada con otro contenido. Cambie la edición y cárguela de nuevo.")
                raise Refused(Problem(_("meta"), "edition", what % {"edition": version.edition}))
            version = standard.versions.create(
                edition=self.meta["edition"],
                is_official=self.meta.get("status") == "OFICIAL",
                disclaimer=self.meta.get("disclaimer", ""),
                pass_rule=self.meta["pass_rule"],
            )
            self._write(version)
            version.publish(self.digest)
            Event.record(version, by=None, verb="load", note=f"{version}. {len(self.requirements)} requisitos.")
        return version, True

    def _write(self, version):
        conditions = {
            row["key"]: Condition(version=version, key=row["key"], description=row["description"], position=position)
            for position, row in enumerate(self.conditions)
            if row["key"] != EVERYBODY
        }
        Condition.objects.bulk_create(conditions.values())
        aspects = {
            row["code"]: Aspect(
                version=version,
                code=row["code"],
                name=row["name"],
                position=row["number"],
                description=row.get("description") or "",
            )
            for row in self.aspects
        }
        Aspect.objects.bulk_create(aspects.values())
        Requirement.objects.bulk_create(
            self._requirement(version, number, row, aspects[aspect["code"]], conditions.get(row["applicability"]))
            for number, (aspect, row) in enumerate(self.requirements, 1)
        )

    def _requirement(self, version, number, row, aspect, condition):
        return Requirement(
            version=version,
            aspect=aspect,
            condition=condition,
            number=number,
            **{field: row[field] for field in ("code", "title", "text", "criticality", "level", "iso", "verification")},
            text_hash=Requirement.hash_of(row["text"]),
            typical_evidence=row["evidence"],
            workshops=[row["workshop"]],
            legal=row.get("legal", []),
            kpis=[
                {name: self.kpis[code].get(name) for name in ("code", "name", "unit")} for code in row.get("kpis", [])
            ],
        )
