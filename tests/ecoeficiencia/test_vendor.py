"""Files that come from others are the ones their table names."""

import hashlib
import re

from django.conf import settings

STATIC = settings.BASE_DIR / "static"
ROW = re.compile(r"\| `([^`|]+)` \| `([0-9a-f]{64})` \|$", re.M)


def test_every_file_from_others_has_the_sum_its_table_names():
    rows = ROW.findall((STATIC / "vendor" / "README.md").read_text())
    assert len(rows) == 5
    assert {name: hashlib.sha256((STATIC / name).read_bytes()).hexdigest() for name, _ in rows} == dict(rows)


def test_every_table_from_others_has_the_sum_its_table_names():
    folder = settings.BASE_DIR / "companies" / "data"
    rows = re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.M)
    files = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.iterdir() if f.suffix != ".md"}
    assert files == dict(rows)


def test_no_style_or_script_points_to_a_source_map_or_another_site():
    files = [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]
    assert files
    guilty = [f.name for f in files if re.search(r"sourceMappingURL|url\(['\"]?(https?:)?//|@import", f.read_text())]
    assert guilty == []
