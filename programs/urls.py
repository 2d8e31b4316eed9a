"""Addresses by door; ecoeficiencia/urls.py puts the doors together."""

from django.urls import path

from .views import empresa_letter
from .views import panel_application as applications
from .views import panel_company as companies
from .views import panel_edition as editions
from .views import panel_letter as letters
from .views import panel_participation as participations

public = [
    path("archivo/carta/<int:pk>/<str:which>/", letters.letter_file, name="letter_file"),
]
empresa = [
    path("carta/<int:pk>/", empresa_letter.letter, name="letter"),
]
monitor = []
auditoria = []
panel = [
    path("", editions.home, name="home"),
    path("postulaciones/", applications.applications, name="applications"),
    path("postulaciones/<int:pk>/", applications.application, name="application"),
    path("postulaciones/<int:pk>/versiones/", applications.revisions, name="application_revisions"),
    path("postulaciones/<int:pk>/punto/<int:item>/", applications.item, name="application_item"),
    path("postulaciones/<int:pk>/revisor/", applications.reviewer, name="application_reviewer"),
    path("postulaciones/<int:pk>/verificacion/", applications.checks, name="application_checks"),
    path("postulaciones/<int:pk>/observar/", applications.observe, name="application_observe"),
    path("postulaciones/<int:pk>/proponer/", applications.propose, name="application_propose"),
    path("postulaciones/<int:pk>/admitir/", applications.admit, name="application_admit"),
    path("postulaciones/<int:pk>/no-admitir/", applications.reject, name="application_reject"),
    path("postulaciones/<int:pk>/plazo/", applications.extend, name="application_extend"),
    path("postulaciones/<int:pk>/dispensas/", applications.waive, name="application_waive"),
    path("dispensas/<int:pk>/dejar-sin-efecto/", letters.revoke, name="waiver_revoke"),
    path("cartas/", letters.letters, name="letters"),
    path("cartas/<int:pk>/", letters.letter, name="letter"),
    path("cartas/<int:pk>/verificar/", letters.verify, name="letter_verify"),
    path("cartas/<int:pk>/devolver/", letters.give_back, name="letter_return"),
    path("participaciones/<int:pk>/", participations.participation, name="participation"),
    path("participaciones/<int:pk>/monitor/", participations.assign, name="participation_assign"),
    path("participaciones/<int:pk>/salida/", participations.leave, name="participation_leave"),
    path("participaciones/<int:pk>/dispensas/", participations.waive, name="participation_waive"),
    path("empresas/", companies.companies, name="companies"),
    path("empresas/<int:pk>/", companies.company, name="company"),
    path("ediciones/", editions.editions, name="editions"),
    path("ediciones/nueva/", editions.create, name="edition_create"),
    path("ediciones/<int:pk>/", editions.edition, name="edition"),
    path("ediciones/<int:pk>/datos/", editions.edit, name="edition_edit"),
    path("ediciones/<int:pk>/publicar/", editions.publish, name="edition_publish"),
    path("ediciones/<int:pk>/copiar/", editions.clone, name="edition_clone"),
    path("ediciones/<int:pk>/parametros/", editions.parameters, name="edition_parameters"),
    path("ediciones/<int:pk>/parametros/<slug:key>/", editions.parameter, name="edition_parameter"),
    path("parametros/", editions.parameters, name="parameters"),
    path("parametros/<slug:key>/", editions.parameter, name="parameter"),
]
