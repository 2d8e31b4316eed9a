"""The headings of the Harmonized System, edition 2022 (WCO), by which each code of Peru's tariff begins."""

from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "hs_headings.txt"


@cache
def headings():
    """The four-digit headings that exist."""
    lines = (line.split(":") for line in FILE.read_text(encoding="utf-8").splitlines())
    return frozenset(chapter + heading for chapter, listed in lines for heading in listed.split())
