"""The fault rows say what they protect against; running them is bin/faults."""

import ast
import re
from pathlib import Path

FAULTS = Path(__file__).parents[1] / "faults"
PAGE = (FAULTS.parents[1] / "docs" / "reliability.md").read_text()


def rows():
    """Row to what its control switches off, of every table ROWS."""
    found = {}
    for path in FAULTS.glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            table = isinstance(node, ast.Assign) and node.targets[0].id == "ROWS" and isinstance(node.value, ast.Dict)
            if table:
                entries = zip(node.value.keys, node.value.values, strict=True)
                found |= {row.value: entry.elts[2].value for row, entry in entries}
    return found


def test_every_control_switches_something_off():
    switches = {
        node.name.removeprefix("without_")
        for node in ast.walk(ast.parse((FAULTS / "apps.py").read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("without_")
    }
    # Before the applications are loaded: tests/faults/settings.py and tests/faults/gunicorn.conf.py.
    early = set(re.findall(r'"(\w+)" (?:not )?in (?:OFF|os)', "".join(p.read_text() for p in FAULTS.glob("*.py"))))
    assert early == {"timeout", "memory", "handler", "silence"}
    assert set(rows().values()) == switches | early


def test_the_page_tells_each_row_and_what_its_control_goes_without():
    told = re.findall(r"^\| (\d+) \| [^|]+ \| [^|]+ \| `(\w+)`", PAGE, re.M)
    assert {int(row): off for row, off in told} == rows()


def test_the_page_tells_which_rows_are_run_with_every_change():
    short = re.search(r"bin/faults --short +# ([\d, and]+),", PAGE)[1]
    from tests.faults.table import SHORT

    assert [int(row) for row in re.findall(r"\d+", short)] == list(SHORT)
