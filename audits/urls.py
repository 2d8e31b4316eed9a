"""Addresses by door; ecoeficiencia/urls.py puts the doors together."""

from django.urls import path, re_path

from audits.views import auditoria as auditing
from audits.views import auditoria_checks as checks
from audits.views import auditoria_nonconformities as ncs
from audits.views import empresa_audits as company
from audits.views import panel_audits as staff

public = []
empresa = [
    path("<int:company>/auditorias/", company.audits, name="audits"),
    path("auditoria/<int:pk>/", company.audit, name="audit"),
    path("auditoria/<int:pk>/aceptar-plan/", company.agree, name="audit_agree"),
    path("auditoria/<int:pk>/pedir-cambio/", company.ask_change, name="audit_change"),
    path("nc/<int:pk>/", company.nonconformity, name="nonconformity"),
    path("nc/<int:pk>/acciones/", company.add_action, name="nonconformity_action"),
    path("accion/<int:pk>/terminar/", company.finish_action, name="action_finish"),
    path("accion/<int:pk>/quitar/", company.remove_action, name="action_remove"),
    path("accion/<int:pk>/archivo/", company.action_file, name="action_file"),
]
monitor = []
auditoria = [
    path("", auditing.home, name="home"),
    path("<int:pk>/", auditing.audit, name="audit"),
    path("<int:pk>/declaracion/", auditing.declare, name="declare"),
    path("<int:pk>/conflicto/", auditing.recuse, name="recuse"),
    path("<int:pk>/plan/", auditing.plan, name="plan"),
    path("<int:pk>/iniciar/", auditing.start, name="start"),
    path("<int:pk>/actas/", auditing.minutes, name="minutes"),
    path("<int:pk>/cerrar/", auditing.close, name="close"),
    path("<int:pk>/lista/", checks.checklist, name="checklist"),
    path("<int:pk>/hallazgos/", checks.findings, name="findings"),
    path("verificacion/<int:pk>/", checks.check, name="check"),
    path("verificacion/<int:pk>/evidencia/<int:evidence>/", checks.evidence, name="check_evidence"),
    path("nc/<int:pk>/", ncs.nonconformity, name="nonconformity"),
    path("nc/<int:pk>/verificar/", ncs.verify, name="nonconformity_verify"),
    path("nc/<int:pk>/devolver/", ncs.give_back, name="nonconformity_return"),
    path("accion/<int:pk>/archivo/", ncs.action_file, name="action_file"),
]
panel = [
    path("auditorias/", staff.audits, name="audits"),
    path("auditorias/<int:pk>/", staff.audit, name="audit"),
    path("auditorias/<int:pk>/auditor/", staff.audit_name, name="audit_name"),
    path("auditorias/<int:pk>/confirmar/", staff.audit_confirm, name="audit_confirm"),
    re_path(r"^auditorias/(?P<pk>[0-9]+)/(?P<act>reabrir|prorroga|cancelar)/$", staff.audit_act, name="audit_act"),
    path("participaciones/<int:pk>/preauditoria/", staff.audit_open, name="audit_open"),
    path("acciones/<int:pk>/archivo/", staff.action_file, name="action_file"),
]
