"""Which record each address shows in the world, and how its path is written."""

import re
from dataclasses import dataclass

from django.contrib import admin
from django.urls import get_resolver, reverse

# pattern of "door:name" → [(what finds the record in the world, its place)]; the first pattern that fits.
AUDITS = [(lambda w: w.acme.preaudit, "preaudit"), (lambda w: w.acme.external, "external")]
LINES = [(lambda w: w.acme.checks["preaudit"], "preaudit"), (lambda w: w.acme.checks["external"], "external")]
NCS = [(lambda w: w.acme.ncs["preaudit"], "preaudit"), (lambda w: w.acme.ncs["external"], "external")]
ACTIONS = [(lambda w: w.acme.actions["preaudit"], "preaudit"), (lambda w: w.acme.actions["external"], "external")]


def of_acme(name, place=""):
    return [(lambda w: getattr(w.acme, name), place)]


RECORDS = [
    (r"public:evidence_file", of_acme("evidence", "papers")),
    (r"public:site_document|empresa:site_file_.*", of_acme("document_file")),
    (r"public:letter_file", of_acme("letter")),
    (r"(public|empresa):paper_file.*", of_acme("paper_file")),
    (r"public:document_template", [(lambda w: w.required, "")]),
    (r"empresa:paper", of_acme("application")),
    (r"public:decision_letter_file", of_acme("decision_letter")),
    (r"\w+:claim.*", of_acme("claim", "notice")),
    (r"public:registry_file|panel:registry_undo", of_acme("former_ruc")),
    (r"\w+:appeal.*", of_acme("appeal")),
    (r"panel:phrase_retire", [(lambda w: w.phrase, "")]),
    (r"public:notice_\w+", of_acme("notice", "notice")),
    (r"public:(call|self_check.*)", [(lambda w: w.edition, "")]),
    (r"panel:mail(_edit|_send|_discard|_retry)?", of_acme("delivery")),
    (r"empresa:external_cancel|auditoria:request(_\w+)?", of_acme("request", "request")),
    (r"(empresa:certificate_pdf|panel:(certificate).*)", of_acme("certificate")),
    (r"panel:withdrawal_.*", of_acme("withdrawal")),
    (r"\w+:action_.*", ACTIONS),
    (r"\w+:nonconformity.*", NCS),
    (r"auditoria:check(_evidence)?", LINES),
    (r"panel:audit_(name|confirm|act)", of_acme("preaudit")),
    (r"panel:audit_open", of_acme("participation")),
    (r"(empresa|panel):audit.*|auditoria:\w+", AUDITS),
    (r"\w+:fulfilment.*", of_acme("fulfilment")),
    (r"\w+:evidence.*", of_acme("evidence")),
    (r"panel:decision.*", of_acme("decision")),
    (r"panel:body.*", of_acme("body")),
    (r"panel:standard_version", [(lambda w: w.edition.standard_version, "")]),
    (r"empresa:application_item", of_acme("item")),
    (r"empresa:application_record", of_acme("revision")),
    (r"public:signed_file", of_acme("signature")),
    (r"empresa:statement_copy", of_acme("statement_copy")),
    (r"\w+:application.*", of_acme("application")),
    (r"\w+:letter.*", of_acme("letter")),
    (r"\w+:participation.*|empresa:propose_ready|monitor:(agree|decline)_ready", of_acme("participation")),
    (r"\w+:measure.*", of_acme("measure")),
    (r"panel:session.*", of_acme("session")),
    (r"panel:edition.*", [(lambda w: w.edition, "")]),
    (r"panel:company(_\w+)?", of_acme("company")),
    (r"empresa:export.*", of_acme("export")),
    (r"empresa:invitation_cancel", of_acme("invitation")),
    (r"empresa:member_(role|end)", [(lambda w: w.acme.company.memberships.get(user=w.people["reader"].user), "")]),
    (r"empresa:site.*", of_acme("site")),
    (r"public:session_close", of_acme("browser", "notice")),
    (r"panel:person_uninvite", [(lambda w: w.appointed, "")]),
    (r"panel:(person(_reset)?|stand_in)", [(lambda w: w.acme.monitor, "")]),
    (r"panel:document(_withdraw|_template)?", [(lambda w: w.required, "")]),
    (r"panel:document_create", [(lambda w: w.edition, "")]),
    (r"panel:import(_confirm|_discard)?", [(lambda w: w.imported, "")]),
    (r"panel:workday_withdraw", [(lambda w: w.holiday, "")]),
    (r"panel:job_retry", [(lambda w: w.job, "")]),
    (r"panel:held_file_rescan", [(lambda w: w.acme.evidence.blob, "")]),
    (r"panel:duty_end", [(lambda w: w.duty, "")]),
    (r"panel:waiver.*", of_acme("waiver")),
    (r"admin:.*", [(lambda w: w.acme.company, "")]),
]
# Every other part of an address, by its name.
PARTS = {
    "company": lambda w: w.acme.company.pk,
    "item": lambda w: w.acme.item.pk,
    "evidence": lambda w: w.acme.evidence.pk,
    "entry": lambda w: w.acme.paper.entry_id,
    "site": lambda w: 0,
    "person": lambda w: w.acme.body.people.first().pk,
    "key": lambda w: "correction_days",
    "kind": lambda w: "itse",
    "letter": lambda w: "admission",
    "table": lambda w: "debtors",
    "template": lambda w: "admission",
    "which": lambda w: "firmada",
    "act": lambda w: "reabrir",
    "aspect": lambda w: w.acme.fulfilment.requirement.aspect.code,
    "section": lambda w: "empresa",
    "code": lambda w: w.acme.certificate.code,
    "slug": lambda w: w.acme.certificate.slug,
    "token": lambda w: w.acme.token,
}
# What an address must be told to find anything at all.
ASKED = {
    "empresa:apply": lambda w: {"edition": w.edition.pk},
    "monitor:accept": lambda w: {"pk": w.acme.fulfilment.pk},
}
NO_SUCH = 987_654_321


@dataclass(frozen=True)
class Address:
    door: str
    name: str
    keys: tuple

    def __str__(self):
        return f"{self.door}:{self.name}"

    def cases(self, world):
        """(path, place) of each record the address is asked for."""
        if "pk" not in self.keys:
            return [(self.path(world), "")]
        for pattern, found in RECORDS:
            if re.fullmatch(pattern, str(self)):
                return [(self.path(world, pk=find(world).pk), place) for find, place in found]
        raise LookupError(f"{self} shows a record: say which in RECORDS of tests/isolation/addresses.py")

    def data(self, world):
        return ASKED.get(str(self), lambda w: None)(world)

    def path(self, world, **values):
        for key in self.keys:
            if key not in values:
                if key not in PARTS:
                    raise LookupError(f"{self} has a part «{key}»: say what it may be in PARTS of {__name__}")
                values[key] = PARTS[key](world)
        return reverse(str(self), kwargs=values)

    def absent(self, world):
        """The same address with the id of nothing; None when it takes no id."""
        given = [key for key in self.keys if key in ("pk", "company")]
        return self.path(world, **dict.fromkeys(given, NO_SUCH)) if given else None


DOORS = ("public", "empresa", "monitor", "auditoria", "panel")


def of_the_doors(*doors):
    """Every address of `doors`, by name; of the five, without any."""

    def walk(patterns, door=""):
        for entry in patterns:
            if door:
                keys = {*entry.pattern.regex.groupindex, *entry.pattern.converters}
                yield Address(door, entry.name, tuple(sorted(keys)))
            elif getattr(entry, "namespace", None) in (doors or DOORS):
                yield from walk(entry.url_patterns, entry.namespace)

    return sorted(set(walk(get_resolver().url_patterns)), key=str)


def of_the_admin(world):
    """(name, path) of the entrance of Django's admin, and of the pages of each model it shows."""
    yield "admin:index", reverse("admin:index")
    for model in admin.site._registry:
        names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield f"{names}_changelist", reverse(f"{names}_changelist")
        yield f"{names}_add", reverse(f"{names}_add")
        if row := model._default_manager.order_by("pk").first():
            for act in ("change", "delete"):
                yield f"{names}_{act}", reverse(f"{names}_{act}", args=[row.pk])
