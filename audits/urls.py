"""Addresses by door; ecoeficiencia/urls.py puts the doors together."""

from django.urls import path, re_path

from audits.views import auditoria as auditing
from audits.views import auditoria_checks as checks
from audits.views import auditoria_nonconformities as ncs
from audits.views import auditoria_requests as requests
from audits.views import auditoria_sheet as sheets
from audits.views import empresa_audits as company
from audits.views import empresa_certificate as entitled
from audits.views import empresa_external as external
from audits.views import panel_audits as staff
from audits.views import panel_bodies as bodies
from audits.views import panel_certificates as certificates
from audits.views import panel_decisions as decisions
from audits.views import panel_withdrawals as withdrawals
from audits.views import public as open_door

public = [
    path("verificar/", open_door.verify, name="verify"),
    path("verificar/<str:code>/", open_door.verification, name="verification"),
    path("catalogo/", open_door.catalogue, name="catalogue"),
    path("catalogo/datos.csv", open_door.catalogue_csv, name="catalogue_csv"),
    path("catalogo/datos.json", open_door.catalogue_json, name="catalogue_json"),
    path("catalogo/<slug:slug>/", open_door.certified, name="certified"),
]
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
    path("<int:company>/auditoria-externa/", external.external_request, name="external_request"),
    path("auditoria-externa/<int:pk>/retirar/", external.external_cancel, name="external_cancel"),
    path("<int:company>/certificado/", entitled.certificate, name="certificate"),
    path("certificado/<int:pk>/pdf/", entitled.certificate_pdf, name="certificate_pdf"),
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
    path("<int:pk>/lista/<str:aspect>/", sheets.sheet, name="sheet"),
    path("<int:pk>/hallazgos/", checks.findings, name="findings"),
    path("verificacion/<int:pk>/", checks.check, name="check"),
    path("verificacion/<int:pk>/evidencia/<int:evidence>/", checks.evidence, name="check_evidence"),
    path("solicitudes/", requests.requests, name="requests"),
    path("solicitudes/<int:pk>/", requests.request, name="request"),
    path("solicitudes/<int:pk>/aceptar/", requests.accept, name="request_accept"),
    path("solicitudes/<int:pk>/declinar/", requests.decline, name="request_decline"),
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
    path("decisiones/", decisions.decisions, name="decisions"),
    path("decisiones/<int:pk>/", decisions.decision, name="decision"),
    path("decisiones/<int:pk>/proponer/", decisions.propose, name="decision_propose"),
    path("decisiones/<int:pk>/decidir/", decisions.decide, name="decision_decide"),
    path("decisiones/<int:pk>/devolver/", decisions.give_back, name="decision_return"),
    path("certificados/", certificates.certificates, name="certificates"),
    path("certificados/<int:pk>/", certificates.certificate, name="certificate"),
    path("certificados/<int:pk>/pdf/", certificates.certificate_pdf, name="certificate_pdf"),
    path("certificados/<int:pk>/licencia/", certificates.licence, name="certificate_licence"),
    path("certificados/<int:pk>/suspender/", certificates.act, {"deed": "suspend"}, "certificate_suspend"),
    path("certificados/<int:pk>/restituir/", certificates.act, {"deed": "reinstate"}, "certificate_reinstate"),
    path("certificados/<int:pk>/retirar/", withdrawals.propose, name="certificate_withdraw"),
    path("retiros/<int:pk>/confirmar/", withdrawals.confirm, name="withdrawal_confirm"),
    path("retiros/<int:pk>/rechazar/", withdrawals.reject, name="withdrawal_reject"),
    path("organismos/", bodies.bodies, name="bodies"),
    path("organismos/nuevo/", bodies.new_body, name="body_new"),
    path("organismos/<int:pk>/", bodies.body, name="body"),
    path("organismos/<int:pk>/personas/", bodies.add_person, name="body_person"),
    path("organismos/<int:pk>/personas/<int:person>/terminar/", bodies.end_person, name="body_person_end"),
]
