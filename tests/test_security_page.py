"""docs/security.md promises tests by name; none of them may be missing."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def names_in(path):
    file = ROOT / path
    tree = ast.parse(file.read_text()) if file.exists() else ast.Module(body=[], type_ignores=[])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_exists():
    assert [f"{path}::{name}" for path, name in NAMED if name not in names_in(path)] == []


def test_each_of_the_forty_cases_has_its_test():
    rows = re.findall(r"^\| (\d+) \|(.*)$", PAGE, re.M)
    assert [int(number) for number, _row in rows] == list(range(1, 41))
    assert [number for number, row in rows if "::" not in row and "*waits*" not in row] == []
