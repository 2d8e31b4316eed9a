"""The fault rows say what they protect against; running them is bin/faults."""

import ast
from pathlib import Path

FAULTS = Path(__file__).parents[1] / "faults"


def test_every_control_switches_something_off():
    rows = ast.parse((FAULTS / "rows.py").read_text())
    table = next(n for n in rows.body if isinstance(n, ast.Assign) and n.targets[0].id == "ROWS").value
    off = {row.elts[2].value for row in table.values}
    switches = {
        node.name.removeprefix("without_")
        for node in ast.walk(ast.parse((FAULTS / "apps.py").read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("without_")
    }
    assert off - switches == {"timeout"}  # in tests/faults/settings.py
