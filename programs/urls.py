"""Addresses by door; ecoeficiencia/urls.py puts the doors together."""

from django.urls import path

from .views import empresa_appeal, empresa_home, empresa_letter, files
from .views import empresa_application as application
from .views import empresa_application_acts as acts
from .views import empresa_measures as measures
from .views import empresa_papers as papers
from .views import empresa_section as sections
from .views import empresa_statement as statements
from .views import empresa_training as training
from .views import monitor as m
from .views import panel_appeal as appeals
from .views import panel_application as applications
from .views import panel_batch as batch
from .views import panel_calendar as calendar
from .views import panel_company as companies
from .views import panel_edition as editions
from .views import panel_edition_setup as setup
from .views import panel_letter as letters
from .views import panel_participation as participations
from .views import panel_registry as registry
from .views import panel_training as trainings
from .views import public as public_views

public = [
    path("", public_views.home, name="home"),
    path("convocatoria/<int:pk>/", public_views.call, name="call"),
    path("convocatoria/<int:pk>/autoevaluacion/", public_views.self_check, name="self_check"),
    path("convocatoria/<int:pk>/autoevaluacion/resultado/", public_views.self_check_result, name="self_check_result"),
    path("archivo/comunicacion/<int:pk>/", files.decision_letter_file, name="decision_letter_file"),
    path("archivo/reconsideracion/<int:pk>/", files.appeal_file, name="appeal_file"),
    path("archivo/firma/<int:pk>/", statements.signed_file, name="signed_file"),
    path("archivo/postulacion/<int:pk>/", papers.paper_file, name="paper_file"),
    path("archivo/modelo/<int:pk>/", papers.document_template, name="document_template"),
    path("archivo/carta/<int:pk>/<str:which>/", letters.letter_file, name="letter_file"),
]
empresa = [
    path("<int:company>/", empresa_home.company, name="company"),
    path("participacion/<int:pk>/proponer/", empresa_home.propose_ready, name="propose_ready"),
    path("<int:company>/talleres/", training.workshops, name="workshops"),
    path("<int:company>/ahorros/", measures.measures, name="measures"),
    path("<int:company>/ahorros/nueva/", measures.create, name="measure_create"),
    path("ahorro/<int:pk>/", measures.edit, name="measure"),
    path("ahorro/<int:pk>/avanzar/", measures.advance, name="measure_advance"),
    path("ahorro/<int:pk>/descartar/", measures.discard, name="measure_discard"),
    path("<int:company>/postular/", application.apply, name="apply"),
    path("postulacion/<int:pk>/", application.application, name="application"),
    path("postulacion/<int:pk>/presentar/", acts.application_submit, name="application_submit"),
    path("postulacion/<int:pk>/subsanar/", acts.application_mend, name="application_mend"),
    path("postulacion/<int:pk>/retirar/", acts.application_withdraw, name="application_withdraw"),
    path("postulacion/punto/<int:pk>/", acts.application_item, name="application_item"),
    path("postulacion/expediente/<int:pk>/", acts.application_record, name="application_record"),
    path("postulacion/declaracion/<int:pk>/", statements.statement_copy, name="statement_copy"),
    path("postulacion/<int:pk>/expediente/", files.company_file, name="application_file"),
    path("postulacion/<int:pk>/reconsideracion/", empresa_appeal.appeal, name="application_appeal"),
    path("postulacion/<int:pk>/documento/<int:entry>/<int:site>/", papers.paper, name="paper"),
    path("postulacion/archivo/<int:pk>/reemplazar/", papers.paper_file_replace, name="paper_file_replace"),
    path("postulacion/archivo/<int:pk>/quitar/", papers.paper_file_remove, name="paper_file_remove"),
    path("postulacion/<int:pk>/<slug:section>/", sections.application_section, name="application_section"),
    path("postulacion/<int:pk>/<slug:section>/novedades/", sections.application_news, name="application_news"),
    path("carta/<int:pk>/", empresa_letter.letter, name="letter"),
    path("carta/<int:pk>/firmar/", empresa_letter.letter_sign, name="letter_sign"),
]
monitor = [
    path("", m.home, name="home"),
    path("empresas/", m.companies, name="companies"),
    path("empresas/<int:company>/", m.company, name="company"),
    path("participacion/<int:pk>/acordar/", m.agree_ready, name="agree_ready"),
    path("participacion/<int:pk>/devolver/", m.decline_ready, name="decline_ready"),
    path("ahorro/<int:pk>/verificar/", m.measure_verify, name="measure_verify"),
    path("ahorro/<int:pk>/devolver/", m.measure_return, name="measure_return"),
]
auditoria = []
panel = [
    path("", editions.home, name="home"),
    path("postulaciones/", applications.applications, name="applications"),
    path("postulaciones/asignar/", batch.assign, name="applications_assign"),
    path("postulaciones/decidir/", batch.decide, name="applications_decide"),
    path("postulaciones/frases/", appeals.phrases, name="phrases"),
    path("postulaciones/frases/<int:pk>/dejar/", appeals.phrase_retire, name="phrase_retire"),
    path("reconsideraciones/", appeals.appeals, name="appeals"),
    path("reconsideraciones/<int:pk>/", appeals.appeal, name="appeal"),
    path("reconsideraciones/<int:pk>/asignar/", appeals.appeal_assign, name="appeal_assign"),
    path("reconsideraciones/<int:pk>/resolver/", appeals.appeal_resolve, name="appeal_resolve"),
    path("postulaciones/<int:pk>/expediente/", files.staff_file, name="application_file"),
    path("postulaciones/<int:pk>/espera/", applications.wait, name="application_wait"),
    path("postulaciones/<int:pk>/", applications.application, name="application"),
    path("postulaciones/<int:pk>/versiones/", applications.revisions, name="application_revisions"),
    path("postulaciones/<int:pk>/punto/<int:item>/", applications.item, name="application_item"),
    path("postulaciones/<int:pk>/aceptar/", applications.accept, name="application_accept"),
    path("postulaciones/<int:pk>/revisor/", applications.reviewer, name="application_reviewer"),
    path("postulaciones/<int:pk>/verificacion/", applications.checks, name="application_checks"),
    path("postulaciones/<int:pk>/verificar/", applications.recheck, name="application_recheck"),
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
    path("empresas/<int:pk>/ruc/", registry.company_ruc, name="company_ruc"),
    path("empresas/<int:pk>/fusion/", registry.company_absorbed, name="company_absorbed"),
    path("empresas/registro/<int:pk>/deshacer/", registry.registry_undo, name="registry_undo"),
    path("talleres/", trainings.workshops, name="workshops"),
    path("talleres/crear/", trainings.create_workshops, name="workshops_create"),
    path("talleres/nueva/", trainings.session_create, name="session_create"),
    path("talleres/<int:pk>/", trainings.session, name="session"),
    path("talleres/<int:pk>/editar/", trainings.session_edit, name="session_edit"),
    path("talleres/<int:pk>/cancelar/", trainings.session_cancel, name="session_cancel"),
    path("ediciones/", editions.editions, name="editions"),
    path("ediciones/nueva/", editions.create, name="edition_create"),
    path("ediciones/<int:pk>/", editions.edition, name="edition"),
    path("ediciones/<int:pk>/datos/", editions.edit, name="edition_edit"),
    path("ediciones/<int:pk>/publicar/", editions.publish, name="edition_publish"),
    path("ediciones/<int:pk>/copiar/", editions.clone, name="edition_clone"),
    path("ediciones/<int:pk>/parametros/", editions.parameters, name="edition_parameters"),
    path("ediciones/<int:pk>/parametros/<slug:key>/", editions.parameter, name="edition_parameter"),
    path("dias-no-laborables/", calendar.workdays, name="workdays"),
    path("dias-no-laborables/<int:pk>/retirar/", calendar.workday_withdraw, name="workday_withdraw"),
    path("ediciones/<int:pk>/documentos/", setup.documents, name="edition_documents"),
    path("ediciones/<int:pk>/documentos/nuevo/", setup.document_create, name="document_create"),
    path("ediciones/documento/<int:pk>/", setup.document, name="document"),
    path("ediciones/documento/<int:pk>/dejar/", setup.document_withdraw, name="document_withdraw"),
    path("ediciones/documento/<int:pk>/modelo/", setup.document_template, name="document_template"),
    path("ediciones/<int:pk>/cartas/", setup.letters, name="edition_letters"),
    path("ediciones/<int:pk>/cartas/<slug:letter>/", setup.letter_text, name="edition_letter"),
    path("parametros/", editions.parameters, name="parameters"),
    path("parametros/<slug:key>/", editions.parameter, name="parameter"),
]
