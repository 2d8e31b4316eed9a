"""Addresses by door; ecoeficiencia/urls.py puts the doors together."""

from django.urls import path

from .views import (
    account,
    amounts,
    documents,
    empresa,
    notices,
    panel_held,
    panel_imports,
    panel_mail,
    panel_readings,
    panel_templates,
    places,
    preferences,
)
from .views import empresa_claims as claims
from .views import empresa_exports as exports
from .views import empresa_profile as profile
from .views import empresa_site_documents as site_documents
from .views import empresa_team as team
from .views import panel_claims as claimed
from .views import panel_jobs as machine
from .views import panel_people as staff
from .views import panel_stand_in as stand_in
from .views import public as public_views

public = [
    path("archivo/documento/<int:pk>/", documents.site_document, name="site_document"),
    path("archivo/reclamo/<int:pk>/", claims.claim_file, name="claim_file"),
    path("archivo/ruc/<int:pk>/", documents.registry_file, name="registry_file"),
    path("avisos/", notices.notices, name="notices"),
    path("avisos/leidos/", notices.notices_read, name="notices_read"),
    path("avisos/preferencias/", preferences.preferences, name="preferences"),
    path("avisos/<int:pk>/", notices.notice, name="notice_open"),
    path("avisos/<int:pk>/acuse/", preferences.acknowledge, name="notice_acknowledge"),
    path("avisos/<int:pk>/posponer/", notices.notice_snooze, name="notice_snooze"),
    path("avisos/<int:pk>/leido/", notices.notice_read, name="notice_read"),
    path("cuenta/", account.account, name="account"),
    path("cuenta/sesiones/<int:pk>/cerrar/", account.session_close, name="session_close"),
    path("volver/", stand_in.stand_in_end, name="stand_in_end"),
    path("sin-enviar/", account.unsent_form, name="unsent"),
    path("sin-enviar/descartar/", account.unsent_discard, name="unsent_discard"),
    path("inicio/", public_views.doors, name="doors"),
    path("ayuda/", public_views.help_page, name="help"),
    path("privacidad/", public_views.privacy, name="privacy"),
]
empresa = [
    path("", empresa.home, name="home"),
    path("nueva/", empresa.register, name="register"),
    path("distritos/", places.districts, name="districts"),
    path("montos/", amounts.amount, name="amount"),
    path("reclamos/nuevo/", claims.claim_new, name="claim_new"),
    path("reclamos/<int:pk>/", claims.claim, name="claim"),
    path("reclamos/<int:pk>/retirar/", claims.claim_withdraw, name="claim_withdraw"),
    path("<int:company>/datos/", empresa.profile, name="profile"),
    path("<int:company>/datos/<slug:section>/", profile.profile_section, name="profile_section"),
    path("<int:company>/sedes/nueva/", profile.site_new, name="site_new"),
    path("sede/<int:pk>/", profile.site, name="site"),
    path("sede/<int:pk>/quitar/", profile.site_close, name="site_close"),
    path("sede/<int:pk>/documento/<slug:kind>/", site_documents.site_document, name="site_document"),
    path("sede/documento/<int:pk>/reemplazar/", site_documents.site_file_replace, name="site_file_replace"),
    path("sede/documento/<int:pk>/quitar/", site_documents.site_file_remove, name="site_file_remove"),
    path("<int:company>/exportaciones/nueva/", profile.export_new, name="export_new"),
    path("<int:company>/exportaciones/varias/", exports.export_table, name="export_table"),
    path("exportacion/<int:pk>/", profile.export, name="export"),
    path("exportacion/<int:pk>/quitar/", profile.export_remove, name="export_remove"),
    path("<int:company>/historia/", empresa.history, name="history"),
    path("<int:company>/equipo/", team.team, name="team"),
    path("<int:company>/equipo/invitar/", team.invite, name="invite"),
    path("<int:company>/equipo/dejar/", team.member_leave, name="member_leave"),
    path("<int:company>/equipo/traspasar/", team.member_hand_over, name="member_hand_over"),
    path("equipo/<int:pk>/rol/", team.member_role, name="member_role"),
    path("equipo/<int:pk>/retirar/", team.member_end, name="member_end"),
    path("invitaciones/<int:pk>/anular/", team.invitation_cancel, name="invitation_cancel"),
    path("invitacion/<str:token>/", team.invitation, name="invitation"),
]
monitor = []
auditoria = []
panel = [
    path("personas/", staff.people, name="people"),
    path("personas/archivos/", panel_readings.readings, name="readings"),
    path("personas/invitar/", staff.person_invite, name="person_invite"),
    path("personas/invitaciones/<int:pk>/anular/", staff.person_uninvite, name="person_uninvite"),
    path("personas/dos-pasos/", staff.second_factor, name="second_factor"),
    path("personas/funciones/<int:pk>/terminar/", staff.duty_end, name="duty_end"),
    path("personas/<int:pk>/", staff.person, name="person"),
    path("personas/<int:pk>/en-su-lugar/", stand_in.stand_in, name="stand_in"),
    path("personas/<int:pk>/restablecer/", staff.person_reset, name="person_reset"),
    path("reclamos/", claimed.claims, name="claims"),
    path("reclamos/<int:pk>/", claimed.claim, name="claim"),
    path("reclamos/<int:pk>/conceder/", claimed.claim_grant, name="claim_grant"),
    path("reclamos/<int:pk>/denegar/", claimed.claim_refuse, name="claim_refuse"),
    path("correos/", panel_mail.mails, name="mails"),
    path("correos/enviar/", panel_mail.mails_send, name="mails_send"),
    path("correos/<int:pk>/", panel_mail.mail, name="mail"),
    path("correos/<int:pk>/texto/", panel_mail.mail_edit, name="mail_edit"),
    path("correos/<int:pk>/enviar/", panel_mail.mail_send, name="mail_send"),
    path("correos/<int:pk>/descartar/", panel_mail.mail_discard, name="mail_discard"),
    path("correos/<int:pk>/reintentar/", panel_mail.mail_retry, name="mail_retry"),
    path("plantillas/", panel_templates.templates, name="templates"),
    path("plantillas/<slug:template>/", panel_templates.template, name="template"),
    path("plantillas/<slug:template>/restaurar/", panel_templates.template_restore, name="template_restore"),
    path("importar/", panel_imports.home, name="imports"),
    path("importar/<int:pk>/", panel_imports.table_import, name="import"),
    path("importar/<int:pk>/confirmar/", panel_imports.confirm, name="import_confirm"),
    path("importar/<int:pk>/descartar/", panel_imports.discard, name="import_discard"),
    path("importar/<slug:table>/", panel_imports.upload, name="import_upload"),
    path("importar/<slug:table>/modelo/", panel_imports.model_file, name="import_model"),
    path("archivos-retenidos/", panel_held.held_files, name="held_files"),
    path("archivos-retenidos/<int:pk>/revisar/", panel_held.held_file_rescan, name="held_file_rescan"),
    path("trabajos/", machine.jobs, name="jobs"),
    path("trabajos/reintentar/", machine.jobs_retry, name="jobs_retry"),
    path("trabajos/<int:pk>/reintentar/", machine.job_retry, name="job_retry"),
]
