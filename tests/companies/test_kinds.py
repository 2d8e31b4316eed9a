"""Every notice of the project is of a kind of the table."""

import ast
from pathlib import Path

from django.conf import settings

from companies.kinds import KINDS, PLACEHOLDERS, legal_keys
from companies.models.template import known_placeholders

TELLERS = {"tell", "_tell", "_company", "_staff", "tell_company", "tell_staff", "tell_team", "tell_all", "note_skipped"}


def trees():
    for room in ("companies", "requirements_std", "programs", "audits"):
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())


def kinds_named():
    """(place, kind) of every kind written in a call that tells, or as the default of a function that does."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in TELLERS:
                for word in node.keywords:
                    if word.arg == "kind" and isinstance(word.value, ast.Constant):
                        yield f"{path.name}:{node.lineno}", word.value.value
            if isinstance(node, ast.FunctionDef) and node.name in TELLERS:
                for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
                    if arg.arg == "kind" and default is not None:
                        yield f"{path.name}:{node.lineno}", default.value


def test_every_notice_is_of_a_kind_of_the_table():
    named = list(kinds_named())
    assert len(named) > 20
    assert [(place, kind) for place, kind in named if kind not in KINDS] == []


def test_no_call_makes_a_kind_up():
    wrong = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Notice.tell"):
                kind = next((word.value for word in node.keywords if word.arg == "kind"), None)
                if not isinstance(kind, ast.Constant) and getattr(kind, "id", "") != "kind":
                    wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


def test_what_decides_or_opens_a_term_is_legal():
    assert legal_keys() == ["admission", "observed", "letter", "decision", "certificate", "nonconformity"]


def test_default_words_name_only_what_exists():
    for kind in KINDS.values():
        known_placeholders(kind.subject)
        known_placeholders(kind.body)
    assert list(PLACEHOLDERS) == ["titulo", "texto", "empresa", "persona", "fecha", "enlace"]
