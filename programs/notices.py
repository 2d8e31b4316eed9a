"""Whom an application, a letter or a participation tells what. Each function writes in the caller's transaction."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.calendar import entry
from companies.models import Duty, Notice, User

from .models.readiness import address


def _company(record, company, fact, *, kind, title, body="", url, calendar=None):
    name = record._meta.model_name
    Notice.tell(
        company.people(),
        key=f"{name}:{record.pk}:{fact}",
        kind=kind,
        title=title,
        body=body,
        url=url,
        company=company,
        calendar=calendar,
    )


def _staff(record, company, fact, *duties, kind, title, body="", url, but=None):
    name = record._meta.model_name
    people = User.objects.with_duty(*duties).exclude(pk=but and but.pk)
    Notice.tell(people, key=f"{name}:{record.pk}:{fact}", kind=kind, title=title, body=body, url=url, company=company)


# Applications


def tell_observed(application):
    _company(
        application,
        application.company,
        f"observed:{application.version}",
        kind="observed",
        title=_("PROMPERÚ observó su postulación a %(edition)s") % {"edition": application.edition},
        body=_("Corrija solo lo observado hasta el %(day)s; lo demás queda como está.")
        % {"day": f"{application.due_on:%d/%m/%Y}"},
        url=reverse("empresa:application", args=[application.pk]),
        calendar=_deadline(application),
    )


def tell_extended(application, reason):
    _company(
        application,
        application.company,
        f"extended:{application.version}",
        kind="observed",
        title=_("PROMPERÚ amplió su plazo para corregir hasta el %(day)s") % {"day": f"{application.due_on:%d/%m/%Y}"},
        body=reason,
        url=reverse("empresa:application", args=[application.pk]),
        calendar=_deadline(application),
    )


def tell_lengthened(application, day):
    due_on = {"day": f"{application.due_on:%d/%m/%Y}"}
    _company(
        application,
        application.company,
        f"lengthened:{application.version}",
        kind="observed",
        title=_("Su plazo para corregir la postulación se alarga hasta el %(day)s") % due_on,
        body=_("El %(day)s fue declarado no laborable y no se cuenta.") % {"day": f"{day.on:%d/%m/%Y}"},
        url=reverse("empresa:application", args=[application.pk]),
        calendar=_deadline(application),
    )


def tell_lapsed(application):
    due_on = {"day": f"{application.due_on:%d/%m/%Y}"}
    _company(
        application,
        application.company,
        f"lapsed:{application.version}",
        kind="observed",
        title=_("Venció su plazo para corregir la postulación a %(edition)s") % {"edition": application.edition},
        body=_("El plazo era hasta el %(day)s. PROMPERÚ decidirá con lo presentado; si necesita más días, "
               "pídalos por el correo de ayuda cuanto antes.") % due_on,
        url=reverse("empresa:application", args=[application.pk]),
    )  # fmt: skip
    _staff(
        application,
        application.company,
        f"lapsed:{application.version}:staff",
        Duty.COORDINATOR,
        kind="application",
        title=_("Venció el plazo de %(company)s sin respuesta") % {"company": application.company},
        body=_("Era hasta el %(day)s. Amplíelo o decida el expediente.") % due_on,
        url=reverse("panel:application", args=[application.pk]),
    )


def _deadline(application):
    summary = _("Vence el plazo para subsanar su postulación")
    return entry(f"application-{application.pk}-due", summary, application.due_on)


def tell_admitted(application):
    letter = application.participation.letter
    _company(
        application,
        application.company,
        f"admitted:{application.version}",
        kind="admission",
        title=_("Su empresa fue admitida en %(edition)s") % {"edition": application.edition},
        body=_("%(grounds)s\nSiguiente paso: abra la carta de compromiso; su representante legal la firma en pantalla, "
               "o fuera del sistema y la sube.") % {"grounds": application.decision_grounds},
        url=reverse("empresa:letter", args=[letter.pk]),
    )  # fmt: skip


def tell_rejected(application):
    _company(
        application,
        application.company,
        f"rejected:{application.version}",
        kind="admission",
        title=_("Su empresa no fue admitida en %(edition)s") % {"edition": application.edition},
        body=_("%(grounds)s\nSi no está de acuerdo, puede pedir que se reconsidere, una sola vez, dentro de los "
               "%(days)s días hábiles siguientes a este aviso.")
        % {"grounds": application.decision_grounds, "days": application.edition.parameter("appeal_days")},
        url=reverse("empresa:application", args=[application.pk]),
    )  # fmt: skip


def tell_waiting(application):
    _company(
        application,
        application.company,
        f"waiting:{application.version}",
        kind="admission",
        title=_("Su empresa quedó en lista de espera de %(edition)s") % {"edition": application.edition},
        body=application.decision_grounds,
        url=reverse("empresa:application", args=[application.pk]),
    )


def tell_place_free(participation, first):
    """first: the application that waits longest for the place `participation` left."""
    _staff(
        participation,
        first.company,
        "place-free",
        Duty.COORDINATOR,
        kind="application",
        title=_("Se liberó un lugar en %(edition)s") % {"edition": participation.edition},
        body=_("%(company)s es la primera de la lista de espera. La admite quien coordina.")
        % {"company": first.company},
        url=reverse("panel:application", args=[first.pk]),
    )


def tell_appealed(appeal):
    company = appeal.application.company
    _staff(
        appeal,
        company,
        "filed",
        Duty.COORDINATOR,
        kind="application",
        title=_("Pidió reconsideración: %(company)s") % {"company": company},
        body=_("Resolver hasta el %(day)s.") % {"day": f"{appeal.due_on:%d/%m/%Y}"},
        url=reverse("panel:appeal", args=[appeal.pk]),
    )
    body = _("La verá una persona que no revisó ni decidió su postulación. PROMPERÚ responde hasta el %(day)s.")
    title = _("Recibimos su pedido de reconsideración")
    _tell_company_of(appeal, "received", title, body % {"day": f"{appeal.due_on:%d/%m/%Y}"})


def tell_appeal_assigned(appeal):
    Notice.tell(
        [appeal.reviewer],
        key=f"appeal:{appeal.pk}:reviewer:{appeal.version}",
        kind="application",
        title=_("Le asignaron la reconsideración de %(company)s") % {"company": appeal.application.company},
        url=reverse("panel:appeal", args=[appeal.pk]),
        company=appeal.application.company,
    )


def tell_appeal_resolved(appeal):
    title = _("PROMPERÚ resolvió su reconsideración: %(state)s") % {"state": appeal.get_state_display().lower()}
    _tell_company_of(appeal, "resolved", title, appeal.resolution, kind="observed")


def _tell_company_of(appeal, fact, title, body, kind="application"):
    url = reverse("empresa:application_appeal", args=[appeal.application_id])
    _company(appeal, appeal.application.company, fact, kind=kind, title=title, body=body, url=url)


def tell_proposed(application):
    _staff(
        application,
        application.company,
        f"proposed:{application.version}",
        Duty.COORDINATOR,
        kind="application",
        title=_("Propuesta por decidir: %(company)s") % {"company": application.company},
        body=f"{application.get_proposal_display()}. {application.proposal_grounds}",
        url=reverse("panel:application", args=[application.pk]),
        but=application.proposed_by,
    )


def tell_reviewer(application):
    Notice.tell(
        [application.reviewer],
        key=f"application:{application.pk}:reviewer:{application.version}",
        kind="application",
        title=_("Le asignaron el expediente %(application)s") % {"application": application},
        body=str(application.company),
        url=reverse("panel:application", args=[application.pk]),
        company=application.company,
    )


# Waivers


def tell_waived(waiver):
    body = _("Vence el %(day)s. Motivo: %(reason)s") % {"reason": waiver.reason, "day": f"{waiver.expires_on:%d/%m/%Y}"}
    _tell_of_waiver(waiver, "granted", _("PROMPERÚ dispensó una condición: %(label)s"), body)


def tell_revoked(waiver, reason):
    body = _("La condición vuelve a exigirse desde hoy. Motivo: %(reason)s") % {"reason": reason}
    _tell_of_waiver(waiver, "revoked", _("PROMPERÚ dejó sin efecto una dispensa: %(label)s"), body)


def _tell_of_waiver(waiver, fact, title, body):
    company = waiver.event_company()
    url = (
        reverse("empresa:application", args=[waiver.application_id])
        if waiver.application_id
        else address("empresa:company", company.pk)
    )
    _company(waiver, company, fact, kind="waiver", title=title % {"label": waiver.label}, body=body, url=url)


# Letters


def tell_letter_signed(letter):
    company = letter.participation.company
    _staff(
        letter,
        company,
        f"signed:{letter.version}",
        Duty.COORDINATOR,
        Duty.REVIEWER,
        kind="letter",
        title=_("Carta firmada por verificar: %(company)s") % {"company": company},
        url=reverse("panel:letter", args=[letter.pk]),
    )


def tell_letter_verified(letter):
    _tell_of_letter(letter, "verified", _("PROMPERÚ verificó su carta de compromiso"), "")


def tell_letter_returned(letter):
    _tell_of_letter(
        letter, f"returned:{letter.version}", _("Su carta de compromiso necesita una corrección"), letter.return_reason
    )


def _tell_of_letter(letter, fact, title, body):
    _company(
        letter,
        letter.participation.company,
        fact,
        kind="letter",
        title=title,
        body=body,
        url=reverse("empresa:letter", args=[letter.pk]),
    )


# Participations


def tell_monitor_assigned(assignment):
    company = assignment.participation.company
    _company(
        assignment,
        company,
        "assigned",
        kind="monitorassignment",
        title=_("%(monitor)s acompañará a su empresa como monitor") % {"monitor": assignment.monitor},
        body=_("Puede escribirle a %(email)s.") % {"email": assignment.monitor.email},
        url=address("empresa:company", company.pk),
    )
    Notice.tell(
        [assignment.monitor],
        key=f"monitorassignment:{assignment.pk}:monitor",
        kind="monitorassignment",
        title=_("Le asignaron la empresa %(company)s") % {"company": company},
        url=address("monitor:company", company.pk),
        company=company,
    )


def tell_monitor_released(assignment, reason):
    company = assignment.participation.company
    Notice.tell(
        [assignment.monitor],
        key=f"monitorassignment:{assignment.pk}:released",
        kind="monitorassignment",
        title=_("Ya no acompaña a la empresa %(company)s") % {"company": company},
        body=reason,
        url=address("monitor:home"),
        company=company,
    )


def tell_started(participation):
    company = participation.company
    _company(
        participation,
        company,
        "started",
        kind="participation",
        title=_("Su empresa empieza la implementación"),
        body=_("Sus requisitos ya están abiertos. Empiece por los que pueda evidenciar hoy."),
        url=address("empresa:company", company.pk),
    )


def tell_left(participation):
    company = participation.company
    _company(
        participation,
        company,
        f"left:{participation.version}",
        kind="participation",
        title=_("Su empresa salió de %(edition)s: %(state)s")
        % {"edition": participation.edition, "state": participation.get_state_display().lower()},
        body=participation.exit_reason,
        url=address("empresa:company", company.pk),
    )


# Workshops


def tell_session(session, fact, was=None):
    """Tell the companies in training. fact: scheduled, moved or cancelled. was: when it was before it moved."""
    say = {
        "scheduled": _("Nueva fecha de taller: %(workshop)s"),
        "moved": _("Cambió la sesión del taller: %(workshop)s"),
        "cancelled": _("Se canceló la sesión del taller: %(workshop)s"),
    }
    body = "\n".join(_about_session(session, fact, was))
    training = session.workshop.edition.participations.in_training().select_related("company")
    for participation in training.order_by("pk"):
        _company(
            session,
            participation.company,
            f"{fact}:{session.sequence}",
            kind="session",
            title=say[fact] % {"workshop": session.workshop},
            body=body,
            url=address("empresa:workshops", participation.company_id),
            calendar=session_entry(session),
        )


def _about_session(session, fact, was):
    if fact == "cancelled":
        yield _("Era el %(at)s.") % {"at": _at(session.starts_at)}
        yield session.cancel_reason
        return
    place = session.place or session.link or session.get_mode_display()
    yield _("Será el %(at)s. %(place)s") % {"at": _at(session.starts_at), "place": place}
    if was and was != session.starts_at:
        yield _("Antes era el %(at)s.") % {"at": _at(was)}


def _at(moment):
    return f"{timezone.localtime(moment):%d/%m/%Y, %H:%M}"


def session_entry(session):
    """The session in the calendars of those it is for; the same entry when it moves or is called off."""
    return entry(
        f"session-{session.pk}",
        session.workshop,
        session.starts_at,
        session.ends_at,
        session.place or session.link,
        method="CANCEL" if session.cancelled_at else "REQUEST",
        sequence=session.sequence,
    )
