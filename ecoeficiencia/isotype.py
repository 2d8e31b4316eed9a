"""The programme's neutral isotype, drawn in one file for pages and documents: replace static/img/isotipo.svg."""

import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import mark_safe

INK = "#0b5644"  # on paper, where there is no text colour to follow


@cache
def _drawing():
    """The box of the drawing and what is inside it; the file is ours, so its marks need no escaping."""
    text = (Path(settings.BASE_DIR) / "static" / "img" / "isotipo.svg").read_text()
    box, inside = re.search(r'viewBox="([^"]+)"[^>]*>(.*)</svg>', text, re.S).groups()
    return box, inside


def on_page():
    """Inline SVG that follows the colour of the text around it; the name stands beside it, so it is hidden."""
    box, inside = _drawing()
    return format_html('<svg viewBox="{}" aria-hidden="true">{}</svg>', box, mark_safe(inside))


def on_paper(label):
    """Inline SVG for a document, with its own ink and a text for those who do not see it."""
    box, inside = _drawing()
    return format_html(
        '<svg role="img" aria-label="{label}" xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><title>{label}</title>'
        "{inside}</svg>",
        label=label,
        box=box,
        inside=mark_safe(inside.replace("currentColor", INK)),
    )
