from contextlib import ExitStack, contextmanager

from django.db import transaction

from .acting import has_roles, is_serving, serving

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
# They answer while the database is away, and look at no table of a company.
OUTSIDE = ("/health/",)


class WallMiddleware:
    """One transaction a request, in which the database itself keeps the person to what they reach.

    It begins with the view: who is sent to sign in, a session and a person are looked at before, as the role of the
    doors; their tables belong to no company. A view that writes and raises takes back what it wrote; the page that
    says so is still served to the same person. On SQLite a request is as many transactions as it was.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with ExitStack() as request.walls, ExitStack() as request.writing:
            return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if has_roles() and not request.path.startswith(OUTSIDE):
            request.walls.enter_context(serving(request.user))
            if request.method not in SAFE:
                request.writing.enter_context(transaction.atomic())

    def process_exception(self, request, exception):
        request.writing.__exit__(type(exception), exception, exception.__traceback__)


@contextmanager
def served(request):
    """For a page shown when no view was found: what it says of the person comes from their own records."""
    if not has_roles() or is_serving():
        yield
        return
    with serving(request.user):
        yield
