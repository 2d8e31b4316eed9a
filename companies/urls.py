"""Addresses by door; ecoeficiencia/urls.py puts the doors together."""

from django.urls import path

from .views import documents
from .views import public as public_views

public = [
    path("archivo/documento/<int:pk>/", documents.site_document, name="site_document"),
    path("inicio/", public_views.doors, name="doors"),
]
empresa = []
monitor = []
auditoria = []
panel = []
