from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

import audits.urls
import companies.urls
import programs.urls
import requirements_std.urls

from . import health, metrics, views

# Tried in turn: the room whose address buyers ask for most, that of verification, comes first.
ROOMS = (audits.urls, programs.urls, requirements_std.urls, companies.urls)


def door(name):
    """The addresses of one door, gathered from every app, under the door's namespace."""
    return include(([pattern for room in ROOMS for pattern in getattr(room, name)], name))


admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics.metrics),
    path("_/estilos/", views.styles, name="styles"),
    path("_/correo/", views.sent_mails, name="mailbox"),
    path("cuenta/", include("allauth.urls")),
    path("empresa/", door("empresa")),
    path("monitor/", door("monitor")),
    path("auditoria/", door("auditoria")),
    path("panel/", door("panel")),
    path("admin/", admin.site.urls),
    path("", door("public")),
]

handler400 = "ecoeficiencia.errors.bad_request"
handler403 = "ecoeficiencia.errors.forbidden"
handler404 = "ecoeficiencia.errors.not_found"
handler500 = "ecoeficiencia.errors.server_error"
handler429 = "ecoeficiencia.errors.too_many_requests"
