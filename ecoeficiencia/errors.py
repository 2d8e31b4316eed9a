"""What a person sees when a request cannot be served. 400, 500 and 503 need no form, session or database."""

import errno
import sys
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string

from ecoeficiencia import once
from ecoeficiencia.walls.requests import served


def bad_request(request, exception=None):
    """400; 413 for too large a request; 503 while the database is away.

    Never reads request.POST: a body in UTF-16 would raise once more.
    """
    if _database_is_away(exception):  # the session could not be saved, which Django takes for one that was deleted
        return _try_later()
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html"), status=413)
    # Of a host that is not ours nothing is asked, not even whether the page before was.
    back = "" if isinstance(exception, DisallowedHost) else came_from(request, itself=True)
    page = render_to_string("400.html", {"what": _unread(exception), "back": back})
    return HttpResponse(page, status=400)


def _unread(exception):
    """Which part of what was sent cannot be read: "name", "files", "fields", or "" when nobody knows."""
    if isinstance(exception, MultiPartParserError) and "header" in str(exception):
        return "name"  # of a part's headers only the name of its file is anybody's to choose
    if isinstance(exception, TooManyFilesSent):
        return "files"
    return "fields" if isinstance(exception, TooManyFieldsSent) else ""


def forbidden(request, exception=None):
    with served(request):
        return render(request, "403.html", status=403)


def not_found(request, exception=None):
    with served(request):
        return render(request, "404.html", status=404)


def too_many_requests(request, wait=60, texts=(), *, reading=False):
    """429: a pause of `wait` seconds. Whoever tries passwords is slowed, whoever mistyped is told for how long.

    texts: what the person wrote, to be copied into the form when the pause is over; never of a form with a password.
    reading: whether it was a public page that the network asked for too often.
    """
    back = came_from(request) or request.get_full_path()
    words = {"wait": wait, "minutes": -(-wait // 60), "back": back, "texts": texts}
    page = render_to_string("429_reading.html" if reading else "429.html", words)
    return HttpResponse(page, status=429, headers={"Retry-After": str(wait), "Cache-Control": "no-store"})


def only_sent(request, allowed):
    """405 for somebody who opens an address where something is only sent to: from a bookmark, or by going back."""
    page = render_to_string("405.html", {"back": came_from(request)})
    return HttpResponse(page, status=405, headers={"Allow": allowed})


def came_from(request, itself=False):
    """The path and query of our page from which this was asked; "" when it does not say, or it is this very one.

    itself: whether this very page is an answer too, as where a form is sent to its own address.
    """
    page = urlsplit(request.headers.get("Referer", ""))
    path = page._replace(scheme="", netloc="", fragment="").geturl()
    return path if page.netloc == request.get_host() and (itself or page.path != request.path) else ""


RETRY_AFTER = 15  # seconds; a database that restarts is back by then


def server_error(request):
    """500; 503 when the database is away or too busy, 507 when a disk is full, wherever that came out."""
    if _database_is_away(sys.exc_info()[1]):
        return _try_later()
    if _disk_is_full(sys.exc_info()[1]):
        return HttpResponse(render_to_string("507.html"), status=507)
    return HttpResponse(render_to_string("500.html"), status=500)


def conflict(request, message, back="", status=409):
    """The page of a wrong turn: what happened, what the person wrote, and the way back to the object."""
    context = {"message": message, "back": back, "texts": once.texts_of(request)}
    return render(request, "409.html", context, status=status)


def _try_later():
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_AFTER)})


def _disk_is_full(error):
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def _database_is_away(error):
    """Whether `error`, or the one it arose from, is a lost connection; closing a transaction often raises one more."""
    while error:
        if isinstance(error, (OperationalError, InterfaceError)):
            return True
        if type(error) is DatabaseError and error.__cause__:  # how psycopg2 words a connection cut in a query
            return True
        error = error.__cause__ or error.__context__
    return False
