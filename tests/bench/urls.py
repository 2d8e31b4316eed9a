from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse
from django.urls import include, path

import ecoeficiencia.urls
from ecoeficiencia.urls import handler400, handler403, handler404, handler500  # noqa: F401


def hello(request):
    """The floor: the whole stack, the session and the person, and nothing else."""
    return HttpResponse(request.user.email)


@login_not_required
def nobody(request):
    """The same for somebody who has not signed in."""
    return HttpResponse("hola")


class StatementCountMiddleware:
    """Answer how many statements a request took, when asked to."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "X-Count" not in request.headers:
            return self.get_response(request)
        seen = []

        def count(execute, sql, params, many, context):
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response["X-Statements"] = str(sum(not s.startswith(("SAVEPOINT", "RELEASE", "BEGIN")) for s in seen))
        return response


urlpatterns = [
    path("_/hola", hello),
    path("_/hola-a-nadie", nobody),
    path("", include(ecoeficiencia.urls.urlpatterns)),
]
