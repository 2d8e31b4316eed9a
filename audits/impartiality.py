"""Who may not audit a company. The block looks at person and body, at present and past, and is never lifted."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.walls.acting import in_full
from programs.parameters import PARAMETERS

# What an auditor declares. A change of the words is a new number.
DECLARATION_NUMBER = 1
DECLARATION = (
    gettext_lazy("No trabajo ni he trabajado para esta empresa, ni integro sus órganos de dirección."),
    gettext_lazy("No he sido su monitor ni le he prestado consultoría en el plazo que fija el programa."),
    gettext_lazy("No tengo parte en su propiedad ni parentesco con sus propietarios o directivos."),
    gettext_lazy("Guardaré reserva de lo que conozca y lo usaré solo para esta auditoría."),
)


class Conflict(IllegalMove):
    """Impartiality forbids it. The message names each reason."""


def conflicts(user, company, on, body=None):
    """Why `user` may not audit `company` on `on`, as sentences; none when free of conflict.

    body: the certification body `user` would audit for; None for PROMPERÚ's pre-audit. With a body, the ties of all
    its people count too. Ties that ended longer ago than the edition's `conflict_years` no longer count.
    """
    with in_full():
        return _conflicts(user, company, on, body)


def _conflicts(user, company, on, body):
    since = _years_before(on, _conflict_years(company))
    name = {"person": user, "company": company}
    found = [sentence % name for sentence in _ties(user, company, since)]
    other_side = {"audit__body": None} if body else {"audit__body__isnull": False}
    roles = user.audit_roles.filter(audit__participation__company=company)
    if roles.filter(**other_side).filter(_audited_since(since)).exists():
        found.append(
            (
                _("%(person)s hizo la preauditoría de «%(company)s».")
                if body
                else _("%(person)s auditó a «%(company)s» por un organismo de certificación.")
            )
            % name
        )
    if roles.filter(left_on__gte=since).exclude(conflict="").exists():
        found.append(_("%(person)s declaró un conflicto de interés con «%(company)s».") % name)
    return found + (_conflicts_of_body(body, user, company, since) if body else [])


def refuse_conflicts(user, company, on, body=None):
    """Raise Conflict with every reason for which `user` may not audit `company`."""
    if found := conflicts(user, company, on, body=body):
        raise Conflict(" ".join(found))


def _ties(user, company, since):
    """Sentences for the ties of `user` with the company, as member, representative or monitor."""
    recent = Q(ends_on=None) | Q(ends_on__gte=since)
    if (
        user.memberships.filter(recent, company=company).exists()
        or user.mandates.filter(recent, company=company).exists()
    ):
        yield _("%(person)s integra o integró «%(company)s».")
    if user.assignments.filter(recent, participation__company=company).exists():
        yield _("%(person)s es o fue monitor de «%(company)s».")


def _conflicts_of_body(body, user, company, since):
    """Ties of the body itself, and of the people who work or worked for it, other than `user`."""
    name = {"body": body, "company": company}
    recent = Q(ends_on=None) | Q(ends_on__gte=since)
    found = [_("%(body)s y «%(company)s» tienen el mismo RUC.") % name] if body.ruc and body.ruc == company.ruc else []
    people = body.people.filter(recent).exclude(user=user).values("user")
    members = company.memberships.filter(recent, user__in=people).exists()
    if members or company.mandates.filter(recent, user__in=people).exists():
        found.append(_("Una persona de %(body)s integra o integró «%(company)s».") % name)
    monitors = Q(assignments__ends_on=None) | Q(assignments__ends_on__gte=since)
    if company.participations.filter(monitors, assignments__monitor__in=people).exists():
        found.append(_("Una persona de %(body)s es o fue monitor de «%(company)s».") % name)
    preaudited = Q(audits__ended_at=None) | Q(audits__ended_at__date__gte=since)
    if company.participations.filter(preaudited, audits__body=None, audits__team__user__in=people).exists():
        found.append(_("Una persona de %(body)s hizo la preauditoría de «%(company)s».") % name)
    return found


def _audited_since(since):
    return Q(audit__ended_at=None, left_on=None) | Q(audit__ended_at__date__gte=since)


def _conflict_years(company):
    latest = company.participations.select_related("edition").order_by("-edition__opens_on").first()
    return latest.edition.parameter("conflict_years") if latest else PARAMETERS["conflict_years"].default


def _years_before(on, years):
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # 29 February in a common year
        return on.replace(year=on.year - years, day=28)
