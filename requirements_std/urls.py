"""Addresses by door; ecoeficiencia/urls.py puts the doors together."""

from django.urls import path

from .views import empresa as e
from .views import empresa_bulk as eb
from .views import empresa_evidence as ev
from .views import empresa_fulfilment as ef
from .views import files
from .views import monitor as m
from .views import monitor_bulk as mb
from .views import panel as p

public = [path("archivo/evidencia/<int:pk>/", files.evidence, name="evidence_file")]
empresa = [
    path("<int:company>/requisitos/", e.board, name="board"),
    path("<int:company>/requisitos/presentar/", eb.submit, name="board_submit"),
    path("<int:company>/requisitos/explicar/", eb.explain, name="board_explain"),
    path("<int:company>/requisitos/adjuntar/", eb.attach, name="board_attach"),
    path("<int:company>/condiciones/", e.conditions, name="conditions"),
    path("<int:company>/evidencias/", ev.evidences, name="evidences"),
    path("evidencia/<int:pk>/", ev.evidence, name="evidence"),
    path("evidencia/<int:pk>/version/", ev.replace, name="evidence_replace"),
    path("evidencia/<int:pk>/eliminar/", ev.remove, name="evidence_remove"),
    path("requisito/<int:pk>/", ef.fulfilment, name="fulfilment"),
    path("requisito/<int:pk>/vincular/", ef.link, name="fulfilment_link"),
    path("requisito/<int:pk>/quitar/<int:evidence>/", ef.unlink, name="fulfilment_unlink"),
    path("requisito/<int:pk>/retirar/", ef.withdraw, name="fulfilment_withdraw"),
    path("requisito/<int:pk>/no-aplica/", ef.claim_na, name="fulfilment_na"),
    path("requisito/<int:pk>/mensaje/", ef.comment, name="fulfilment_comment"),
]
monitor = [
    path("por-revisar/", m.review, name="review"),
    path("por-revisar/aceptar/", mb.accept, name="accept"),
    path("empresas/<int:company>/requisitos/", m.board, name="board"),
    path("requisito/<int:pk>/", m.fulfilment, name="fulfilment"),
    path("requisito/<int:pk>/mensaje/", m.comment, name="fulfilment_comment"),
]
auditoria = []
panel = [
    path("estandar/", p.standard, name="standard"),
    path("estandar/<int:pk>/", p.standard_version, name="standard_version"),
    path("empresas/<int:company>/requisitos/", p.board, name="board"),
    path("requisito/<int:pk>/", p.fulfilment, name="fulfilment"),
    path("requisito/<int:pk>/mensaje/", p.comment, name="fulfilment_comment"),
]
