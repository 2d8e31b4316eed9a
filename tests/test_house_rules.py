"""What we agreed on and a machine can watch."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.template import Context, Template
from django.urls import URLPattern, get_resolver

from companies.models import Company
from ecoeficiencia import walls
from ecoeficiencia.lifecycle import Party, stateful_models

ROOT = Path(settings.BASE_DIR)
ROOMS = ["companies", "requirements_std", "programs", "audits"]
CODE = [p for room in ["ecoeficiencia", *ROOMS] for p in (ROOT / room).rglob("*.py") if "migrations" not in p.parts]
TEMPLATES = list((ROOT / "templates").rglob("*.html"))
# Reached only through their parent, which says who may see them.
PARTS = {
    "companies.Delivery", "companies.Invitation", "companies.Mandate", "companies.Membership", "companies.RucHistory",
    "companies.Seal",
    "requirements_std.AspectProgress", "requirements_std.Scope", "requirements_std.SiteFlag",
    "programs.ApplicationItem", "programs.ApplicationRevision", "programs.MonitorAssignment", "programs.Signature",
    "audits.AuditMember", "audits.CorrectiveAction", "audits.MarkLicence", "audits.RegisterEntry",
}  # fmt: skip


def relative(path):
    return str(path.relative_to(ROOT))


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_rooms_import_only_leftwards():
    wrong = []
    for place, room in enumerate(ROOMS):
        forbidden = set(ROOMS[place + 1 :])
        for path in (ROOT / room).rglob("*.py"):
            wrong += [f"{relative(path)} imports {name}" for name in imports(path) if name.split(".")[0] in forbidden]
    assert wrong == []


def test_the_machine_knows_no_business():
    allowed = {"ecoeficiencia/urls.py"}  # it puts the doors together
    wrong = [
        f"{relative(path)} imports {name}"
        for path in (ROOT / "ecoeficiencia").rglob("*.py")
        if relative(path) not in allowed and "management" not in path.parts
        for name in imports(path)
        if name.split(".")[0] in ROOMS
    ]
    assert wrong == []


def test_no_room_without_a_noun():
    names = {"utils.py", "helpers.py", "services.py", "signals.py", "common.py", "misc.py"}
    assert [relative(p) for p in CODE if p.name in names] == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"csrf_exempt", "every unsafe request carries its token"),
        (r"date\.today\(\)|datetime\.now\(\)|utcnow", "dates are Lima dates"),
        (r"\.delay\(|apply_async\(", "work goes through the job table"),
        (r"fields = ['\"]__all__['\"]|^\s+exclude = ", "forms name their fields"),
        (r"pytest\.skip|mark\.skip|mark\.xfail", "nothing is skipped"),
    ],
)
def test_code_keeps_its_promises(pattern, why):
    allowed = {"ecoeficiencia/jobs.py"} if "delay" in pattern else set()
    found = [
        f"{relative(p)}:{n} {line.strip()}"
        for p in CODE
        if relative(p) not in allowed
        for n, line in enumerate(p.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == [], why


def test_pages_carry_no_inline_style_or_script():
    found = []
    for path in TEMPLATES:
        if path.parts[-2] in {"pdf", "email"}:
            continue
        text = path.read_text()
        if "eco" in path.parts:  # labels and help texts of our own forms, written by us, may carry markup
            text = text.replace("|safe", "")
        found += [
            f"{relative(path)}: {m.group(0)}"
            for m in re.finditer(r"\sstyle=|\son(click|change|submit|load)=|<script(?![^>]*\ssrc=)|\|safe\b", text)
        ]
    assert found == []


def test_every_state_has_its_moves_and_its_turn():
    for model in stateful_models():
        states = set(model._meta.get_field("state").flatchoices and dict(model._meta.get_field("state").flatchoices))
        assert set(model.MOVES) == states, model
        assert set(model.TURN) == states, model
        assert {to for ends in model.MOVES.values() for to in ends} <= states, model
        assert set(model.TURN.values()) <= set(Party.values), model


def leads_to_company(model, seen=()):
    if model is Company:
        return True
    return any(
        leads_to_company(field.related_model, (*seen, model))
        for field in model._meta.fields
        if field.is_relation and field.related_model not in (*seen, model) and field.related_model is not model
    )


def test_every_record_of_a_company_says_who_may_see_it():
    silent = [
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in ROOMS
        and leads_to_company(model)
        and not hasattr(model.objects.all(), "visible_to")
        and model._meta.label not in PARTS
    ]
    assert silent == []


def test_every_record_of_a_company_is_behind_the_walls_of_the_database():
    assert walls.undeclared() == []


def views():
    def walk(patterns, prefix=""):
        for p in patterns:
            if isinstance(p, URLPattern):
                yield prefix + str(p.pattern), p.callback
            else:
                yield from walk(p.url_patterns, prefix + str(p.pattern))

    return walk(get_resolver().url_patterns)


def test_only_the_public_door_opens_without_an_account():
    """Except an invitation, whose single-use link is itself the key."""
    invitation = "empresa/invitacion/<str:token>/"
    private = ("empresa/", "monitor/", "auditoria/", "panel/")
    public = [
        address
        for address, view in views()
        if address.startswith(private) and not getattr(view, "login_required", True)
    ]
    assert public == [invitation]


def test_an_id_above_a_thousand_is_written_as_it_is():
    page = Template("{{ pk }} {{ year }} {{ amount|soles }}")
    assert page.render(Context({"pk": 13922, "year": 2026, "amount": 1234.5})) == "13922 2026 S/ 1,234.50"
