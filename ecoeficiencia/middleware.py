import logging
import re
import time
from uuid import uuid4

from django.http import HttpResponseNotAllowed
from structlog.contextvars import bound_contextvars

from .errors import only_sent

logger = logging.getLogger(__name__)

REQUEST_ID = re.compile(r"[0-9a-f-]{32,36}")


class RequestIdMiddleware:
    """Give every request an id (the proxy's, when it sends a proper one), in each log line and in the answer.

    The jobs it asks for keep the id, so that one search finds the request, its jobs and its mails.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-ID", "")
        request_id = request.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        begun = time.perf_counter()
        with bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            took = (time.perf_counter() - begun) * 1000
            logger.info("%s %s %s in %d ms", request.method, _page(request), response.status_code, took)
        response["X-Request-ID"] = request_id
        return response


def _page(request):
    """The name of the page and its numbers; never the address, which may hold a token or what somebody searched."""
    match = request.resolver_match
    if match is None:
        return "no page"
    return " ".join([match.view_name, *(f"{name}={n}" for name, n in match.kwargs.items() if isinstance(n, int))])


class PrivateMiddleware:
    """What somebody signed in sees is theirs: no cache on the way, nor the browser's after they sign out, keeps it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response


class PermissionsPolicyMiddleware:
    """Only the camera is ever wanted (evidence photos), and only by our own pages."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()")
        return response


class UploadMiddleware:
    """After a form with files: a full disk is told in the status too (507), and what broke off is let go at once."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method != "POST":
            return response
        received = [file for handler in request.upload_handlers for file in getattr(handler, "received", ())]
        if response.status_code == 422 and any(file.problem == "no_space" for file in received):
            response.status_code = 507
        for file in received:  # the framework forgets the one that was on its way when the connection broke
            file.close()
        return response


class MethodMiddleware:
    """Pages are read and forms are sent; no address answers anything else, whatever its view would do with it.

    Whoever comes to read an address that only acts gets a page with a way back.
    """

    ANSWERED = ("GET", "HEAD", "POST")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in self.ANSWERED:
            return HttpResponseNotAllowed(self.ANSWERED)
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not response.content:
            return only_sent(request, response["Allow"])
        return response
