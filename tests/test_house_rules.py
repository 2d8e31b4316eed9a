"""What we agreed on and a machine can watch."""

import ast
import json
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
    "companies.Delivery", "companies.Invitation", "companies.Mandate", "companies.Membership",
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
        (r"csv\.(writer|DictWriter)|Workbook\(|xlsxwriter|text/csv;", "tables are made by csv_file"),
    ],
)
def test_code_keeps_its_promises(pattern, why):
    allowed = {r"\.delay\(|apply_async\(": {"ecoeficiencia/jobs.py"}}.get(pattern, set())
    allowed |= {"ecoeficiencia/tables.py"} if "csv" in pattern else set()
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
            for m in re.finditer(r"\sstyle=|\son\w+=|<style\b|<script(?![^>]*\ssrc=)|javascript:|\|safe\b", text)
        ]
    assert found == []


# Attributes by which a page asks for more of itself, and what may stand in each. All the rest (hx-on, hx-vals, hx-vars,
# hx-ext, a condition in hx-trigger) is evaluated as script, or takes what somebody typed.
OURS = r"{% url [^%{]+ %}|{{ request\.path }}"
PLAIN = r"[\w #.,:-]*|{{ target }}"
HX = {
    **dict.fromkeys(("get", "post", "put", "patch", "delete"), OURS),
    **dict.fromkeys(("target", "select", "swap", "trigger", "indicator", "sync", "disabled-elt"), PLAIN),
    **dict.fromkeys(("boost", "push-url"), "true|false"),
    "swap-oob": "true|innerHTML",
    "headers": r'{"X-CSRFToken": "{{ csrf_token }}"}',
}
ATTRIBUTE = re.compile(r"""[\s"'](?:data-)?hx-([\w:.-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?""")
ACTION = rf"(?:{OURS})(?:\?\w+=(?:\w+|{{{{ request\.path }}}})|{{{{ came }}}})?|{{{{ [\w.]+ }}}}|"
FORM = re.compile(r"<form\b(?P<tag>(?:{%.*?%}|{{.*?}}|[^>])*)>(?P<inside>.*?)</form>", re.S)


def test_htmx_asks_only_this_site_and_evaluates_nothing():
    wrong = []
    for path in TEMPLATES:
        for name, double, single, bare in ATTRIBUTE.findall(path.read_text()):
            value = double or single or bare
            if name not in HX or not re.fullmatch(HX[name], value):
                wrong.append(f"{relative(path)}: hx-{name}={value}")
    code = [f"{relative(p)}: {m[0]}" for p in CODE for m in re.finditer(r"[\"'\s]hx[-_](?!request)\w+", p.read_text())]
    assert (wrong, code) == ([], [])


def test_what_htmx_sends_is_a_real_form_with_its_token():
    wrong = []
    for path in TEMPLATES:
        text = path.read_text()
        forms = list(FORM.finditer(text))
        assert len(forms) == len(re.findall(r"<form\b", text)), path
        for form in forms:
            posts = re.search(r'method="post"', form["tag"], re.I)
            sends = re.search(r"hx-(post|put|patch|delete|boost)\b", form["tag"])
            action = re.search(r'\saction="([^"]*)"', form["tag"])
            if (posts and "{% csrf_token %}" not in form["inside"]) or (sends and not posts):
                wrong.append(f"{relative(path)}: <form{form['tag']}> without its token, or without method=post")
            if action and not re.fullmatch(ACTION, action[1]):
                wrong.append(f"{relative(path)}: action={action[1]}")
        outside = FORM.sub(lambda form: form["inside"], text)
        verbs = re.findall("hx-(?:post|put|patch|delete)", outside)
        wrong += [f"{relative(path)}: {verb} outside a form" for verb in verbs]
    assert wrong == []


def test_no_form_leaves_its_errors_to_the_browser():
    """A browser's own words are in the browser's language, and vanish; ours stay beside the field."""
    fields = re.compile(r"\|crispy|as_crispy_field|includes/autofield|\brequired\b(?! ?=)")
    wrong = [
        f"{relative(path)}: <form{form['tag']}>"
        for path in TEMPLATES
        for form in FORM.finditer(path.read_text())
        if "post" in form["tag"] and fields.search(form["inside"]) and "novalidate" not in form["tag"]
    ]
    assert wrong == []


def test_htmx_is_told_to_evaluate_nothing_and_to_ask_this_site_only():
    content = re.search(r"name=\"htmx-config\" content='([^']*)'", (ROOT / "templates/base.html").read_text())[1]
    told = json.loads(content)
    asked = ("allowEval", "allowScriptTags", "selfRequestsOnly", "includeIndicatorStyles")
    assert [told[name] for name in asked] == [False, False, True, False]


def test_our_scripts_make_no_script_of_a_text():
    makes = re.compile(r"\beval\(|\bFunction\(|\.(inner|outer)HTML\s*[+=]|insertAdjacentHTML|document\.write")
    ours = [p for p in (ROOT / "static").rglob("*.js") if "vendor" not in p.parts]
    found = [f"{relative(p)}: {m[0]}" for p in ours for m in makes.finditer(p.read_text())]
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
