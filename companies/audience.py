"""The words of the permissions: what a person may be to a record, and one row a page.

Each app's permissions.py says who may read and who may act at each of its addresses. The views decide; the tables say
what they must decide, tests/test_isolation.py compares the two, and docs/permissions.md prints them.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Who(models.TextChoices):
    """What somebody is to the record an address shows, today. One person may be several of these."""

    ANYBODY = "anybody", _("cualquier persona, sin cuenta")
    ACCOUNT = "account", _("cualquier persona con cuenta")
    READER = "reader", _("integrante de solo lectura")
    COLLABORATOR = "collaborator", _("colaboración de la empresa")
    LEADER = "leader", _("coordinación de ecoeficiencia de la empresa")
    REPRESENTATIVE = "representative", _("representante legal")
    ADDRESSEE = "addressee", _("la persona a quien pertenece o se dirigió")
    ANY_MONITOR = "any_monitor", _("quien monitorea, sobre lo suyo")
    MONITOR = "monitor", _("monitor asignado a la empresa")
    ANY_AUDITOR = "any_auditor", _("quien preaudita o trabaja en un organismo, sobre lo suyo")
    NAMED_AUDITOR = "named_auditor", _("auditor nombrado, antes de declarar su imparcialidad")
    AUDITOR = "auditor", _("auditor de esta auditoría, ya declarado")
    ANY_MANAGER = "any_manager", _("quien gestiona un organismo, sobre lo suyo")
    BODY_MANAGER = "body_manager", _("gestión del organismo al que se pidió")
    COORDINATOR = "coordinator", _("PROMPERÚ: coordinación")
    REVIEWER = "duty_reviewer", _("PROMPERÚ: revisión")
    DECIDER = "decider", _("PROMPERÚ: decisión y firma")
    ADMINISTRATOR = "administrator", _("PROMPERÚ: administración")
    SITE_ADMIN = "site_admin", _("quien administra el sistema")


NOBODY = frozenset()
ANYBODY = frozenset({Who.ANYBODY})
ACCOUNT = frozenset({Who.ACCOUNT})
MEMBERS = frozenset({Who.READER, Who.COLLABORATOR, Who.LEADER, Who.REPRESENTATIVE})
EDITORS = MEMBERS - {Who.READER}
LEADERS = frozenset({Who.LEADER, Who.REPRESENTATIVE})
REPRESENTATIVE = frozenset({Who.REPRESENTATIVE})
ADDRESSEE = frozenset({Who.ADDRESSEE})
MONITOR = frozenset({Who.MONITOR})
ANY_MONITOR = frozenset({Who.ANY_MONITOR})
AUDITOR = frozenset({Who.AUDITOR})
NAMED = AUDITOR | {Who.NAMED_AUDITOR}
ANY_AUDITOR = frozenset({Who.ANY_AUDITOR})
BODY_MANAGER = frozenset({Who.BODY_MANAGER})
ANY_MANAGER = frozenset({Who.ANY_MANAGER})
STAFF = frozenset({Who.COORDINATOR, Who.REVIEWER, Who.DECIDER, Who.ADMINISTRATOR})
COORDINATOR = frozenset({Who.COORDINATOR})
REVIEWERS = COORDINATOR | {Who.REVIEWER}
DECIDER = frozenset({Who.DECIDER})
ADMINISTRATOR = frozenset({Who.ADMINISTRATOR})
KEEPERS = COORDINATOR | ADMINISTRATOR
IMPORTERS = REVIEWERS | ADMINISTRATOR
SITE_ADMIN = frozenset({Who.SITE_ADMIN})
WORKING_PAPERS = MEMBERS | MONITOR | STAFF

# How a set that has a name is printed.
NAMES = {
    MEMBERS: _("integrantes de la empresa"),
    EDITORS: _("integrantes de la empresa, salvo solo lectura"),
    LEADERS: _("coordinación y representante legal de la empresa"),
    STAFF: _("personal de PROMPERÚ"),
    REVIEWERS: _("PROMPERÚ: coordinación y revisión"),
    KEEPERS: _("PROMPERÚ: coordinación y administración"),
    IMPORTERS: _("PROMPERÚ: coordinación, revisión y administración"),
    WORKING_PAPERS: _("integrantes de la empresa, su monitor y personal de PROMPERÚ"),
}


@dataclass(frozen=True)
class Page:
    """Who may open an address and who may act there; everybody else gets the 404 of what does not exist.

    name: as in urls.py, without its door; the route when it has no name; or a pattern for a group ("account_*").
    read: who GET answers; nobody when the address only takes acts. act: who POST reaches.
    note: what a set of relations does not say.
    """

    name: str
    title: str
    read: frozenset = NOBODY
    act: frozenset = NOBODY
    note: str = ""
