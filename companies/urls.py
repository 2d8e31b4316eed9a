"""Addresses by door; ecoeficiencia/urls.py puts the doors together."""

from django.urls import path

from .views import public as public_views

public = [
    path("inicio/", public_views.doors, name="doors"),
]
empresa = []
monitor = []
auditoria = []
panel = []
