"""The one room where HTML becomes PDF. Only the worker renders: a web process never imports WeasyPrint.

Fonts, stylesheet and drawings come from static/pdf; nothing else can be fetched, whatever a text contains.
"""

import gc
import logging
import mimetypes
from functools import cache, lru_cache
from pathlib import Path

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from . import isotype
from .models import Blob

logger = logging.getLogger(__name__)

ASSETS = Path(settings.BASE_DIR) / "static" / "pdf"
BASE = "file:///documento/"  # a name only: the fetcher below knows its files by what follows it


@cache
def _press():
    """Fonts, stylesheet and drawings, read once a process: a new FontConfiguration each time leaks memory.

    The collector then leaves them alone, and comes seldom: a document makes a hundred thousand things and drops them.
    """
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    from .pdf_drawings import Images

    known = {str(p.relative_to(ASSETS)): p for p in ASSETS.rglob("*") if p.suffix in {".ttf", ".svg", ".css"}}

    class OwnFilesOnly(URLFetcher):
        def fetch(self, url, headers=None):
            path = known.get(url.removeprefix(BASE)) if url.startswith(BASE) else None
            if path is None:
                raise FatalURLFetchingError(f"A document may not fetch {url!r}.")
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    fetcher, fonts = OwnFilesOnly(), FontConfiguration()
    css = weasyprint.CSS(
        string=(ASSETS / "print.css").read_text(), base_url=BASE, url_fetcher=fetcher, font_config=fonts
    )
    drawings = {f"{BASE}{name}": path.read_text() for name, path in known.items() if path.suffix == ".svg"}
    images = Images(f"{BASE}qr/", drawings | {f"{BASE}isotipo.svg": isotype.in_ink()})
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return weasyprint, fetcher, fonts, css, images


def render(template, context):
    """Return the bytes of a PDF/A-3u made from `template` (under templates/pdf/) and `context`."""
    weasyprint, fetcher, fonts, css, images = _press()
    html = render_to_string(f"pdf/{template}", context)
    return weasyprint.HTML(string=html, base_url=BASE, url_fetcher=fetcher).write_pdf(
        stylesheets=[css], font_config=fonts, cache=images, pdf_variant="pdf/a-3u", pdf_tags=True
    )


def keep(template, context):
    """Render and store; return the Blob."""
    return Blob.store(render(template, context), "application/pdf")


@lru_cache(maxsize=500)
def qr(text):
    """A QR code as inline SVG with its text as title, for a page. Drawing one costs half a page.

    A document says `<img src="qr/{{ text|urlencode:"" }}" alt="{{ text }}">`.
    """
    svg = segno.make(text, error="m").svg_inline(
        border=0, title=text, omitsize=True, svgclass=None, lineclass=None, dark="#000"
    )
    return mark_safe(svg)  # segno escapes the title
