"""The only way out of a file: a view that has already checked who asks, then `serve`.

What people sent is a download, or is looked at through pictures and text that a child process made of it; the browser
never gets it to open by itself. What we made ourselves (certificates, letters) may be shown as it is.
"""

import json
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from .blob import Blob
from .inspection import Unavailable, inspector
from .names import clean_name

PREVIEWS = Path(settings.VAR_DIR) / "previews"  # may be thrown away at any time
PAGE_WIDTH = 1100  # pixels
PAGES_SHOWN = 40
WORDS = {
    Blob.State.PENDING: _("El archivo espera al antivirus. Vuelva en unos minutos: nadie puede abrirlo antes."),
    Blob.State.INFECTED: _("El antivirus retuvo este archivo: nadie puede abrirlo. Súbalo desde un equipo limpio."),
    Blob.State.UNVERIFIABLE: _("Este archivo no es verificable para el antivirus. Expórtelo otra vez y súbalo."),
}  # fmt: skip


def serve(request, blob, filename, *, inline=False):
    """Answer with `blob` as a download, or, `inline`, with what may be looked at in the page.

    ?pagina=3 is the image of a page; ?descargar=1 is the download, whatever `inline` says. A file that waits for the
    antivirus, was held back by it, or is not what was kept, is answered with a sentence.
    """
    name = clean_name(filename, blob.content_type)
    if blob.state != Blob.State.CLEAN:
        return _told(request, name, WORDS[blob.state], 409)
    if "pagina" in request.GET:
        return _page(request, blob)
    inline = inline and "descargar" not in request.GET
    if inline and not blob.generated and not blob.is_picture:
        return _viewer(request, blob, name)
    return _bytes(request, _outward(blob), name, inline)


def _outward(blob):
    """What is handed out for `blob`: of a photo, the picture drawn anew, which tells no place."""
    if not blob.is_picture or blob.generated:
        return blob
    return blob.shown or redraw(blob)


def redraw(blob):
    """Make and keep the picture that is handed out for a photo which has none yet. Raises Unavailable."""
    from .receiving import ReceivedFile

    with blob.open() as source, ReceivedFile("foto") as drawn:
        facts = inspector.ask("check", source, drawn, name="foto", kinds=[blob.content_type])
        if "shown" not in facts:
            raise Unavailable("unverifiable")
        shown = Blob.store(drawn.reread(), facts["shown"], state=Blob.State.CLEAN)
    Blob.objects.filter(pk=blob.pk).update(shown=shown)
    return shown


def _bytes(request, blob, name, inline):
    if not blob.is_whole():
        sentence = _("Este archivo está dañado en nuestro servidor y no se entrega. Ya avisamos a quien lo administra.")
        return _told(request, name, sentence, 503)
    response = FileResponse(
        blob.open(),
        as_attachment=not inline,
        filename=clean_name(name, blob.content_type),
        content_type=blob.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    if inline and blob.generated:
        # The page that shows it may frame it; nothing inside it may run.
        return _framed(response)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _framed(response):
    response._csp_replace = {"frame-ancestors": ["'self'"]}
    response.xframe_options_exempt = True
    return response


def _told(request, name, sentence, status):
    return _framed(render(request, "file.html", {"name": name, "sentence": sentence}, status=status))


def _viewer(request, blob, name):
    """The document as pictures of its pages, or as the text of its cells and paragraphs."""
    context = {
        "name": name,
        "pages": [],
        "more": 0,
        "sheets": [],
        "paragraphs": [],
        "unseen": False,
        "framed": "marco" in request.GET,
    }
    try:
        if blob.content_type == "application/pdf":
            pages = blob.facts.get("pages") or _count(blob)
            context |= {"pages": range(1, min(pages, PAGES_SHOWN) + 1), "more": max(0, pages - PAGES_SHOWN)}
        else:
            context |= json.loads(_made(blob, "table.json", "table", kind=blob.content_type).read_bytes())
    except Unavailable:
        context["unseen"] = True
    response = _framed(render(request, "visor.html", context))
    response["Cache-Control"] = "private, no-store"
    return response


def _count(blob):
    """How many pages an older file has, which nobody counted when it came in."""
    with blob.open() as source, tempfile.TemporaryFile() as target:
        pages = inspector.ask("page", source, target, number=1, width=100).get("pages", 0)
    if not pages:
        raise Unavailable("unverifiable")
    Blob.objects.filter(pk=blob.pk).update(facts={**blob.facts, "pages": pages})
    return pages


def _page(request, blob):
    """The image of one page."""
    number = request.GET["pagina"]
    if blob.content_type != "application/pdf" or not number.isdecimal() or not 1 <= int(number) <= PAGES_SHOWN:
        raise Http404
    try:
        image = _made(blob, f"{int(number)}.jpg", "page", number=int(number), width=PAGE_WIDTH)
    except Unavailable as error:
        raise Http404 from error
    response = FileResponse(image.open("rb"), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def _made(blob, part, task, **facts):
    """The path of what a child makes of `blob`, made now when it is not there yet. Raises Unavailable."""
    path = PREVIEWS / blob.sha256[:2] / f"{blob.sha256}-{part}"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with blob.open() as source, tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as target:
        answer = inspector.ask(task, source, target, **facts)
        if "refused" in answer:
            os.unlink(target.name)
            raise Unavailable("unverifiable")
    os.replace(target.name, path)
    return path
