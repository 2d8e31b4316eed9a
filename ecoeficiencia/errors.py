"""What a person sees when a request cannot be served. 400 and 500 need neither a form, a session nor a database."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request, exception=None):
    """400, or 413 for too large a request. Never reads request.POST: a body in UTF-16 would raise once more."""
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html"), status=413)
    return HttpResponse(render_to_string("400.html"), status=400)


def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    return HttpResponse(render_to_string("500.html"), status=500)


def conflict(request, message, back="", status=409):
    """The page of a wrong turn: what happened, and the way back to the object."""
    return render(request, "409.html", {"message": message, "back": back}, status=status)
