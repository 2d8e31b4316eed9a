"""The programme's neutral isotype, drawn in one file for pages and documents: replace static/img/isotipo.svg."""

import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import mark_safe

INK = "#0b5644"  # on paper, where there is no text colour to follow


def _file():
    return (Path(settings.BASE_DIR) / "static" / "img" / "isotipo.svg").read_text()


@cache
def _drawing():
    """The box of the drawing and what is inside it; the file is ours, so its marks need no escaping."""
    box, inside = re.search(r'viewBox="([^"]+)"[^>]*>(.*)</svg>', _file(), re.S).groups()
    return box, inside


def on_page():
    """Inline SVG that follows the colour of the text around it; the name stands beside it, so it is hidden."""
    box, inside = _drawing()
    return format_html('<svg viewBox="{}" aria-hidden="true">{}</svg>', box, mark_safe(inside))


def in_ink():
    """The drawing with its own ink, as the press lays it."""
    return _file().replace("currentColor", INK)


def on_paper(label):
    """The same in a document, with a text for those who do not see it."""
    return format_html('<img src="isotipo.svg" alt="{}">', label)
