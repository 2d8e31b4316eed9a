"""What every page knows about the door it stands in: name, sections, the person's other doors, their notices."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.addresses import address


@dataclass(frozen=True)
class Section:
    """One line of a door's menu.

    of: the context object whose pk the address takes. also: further pages that light this line. whose: whether a person
    has it, when not everybody at the door does: nobody is shown the way to a page that answers 404.
    """

    view: str
    label: str
    icon: str
    of: str = ""
    dock: bool = False
    also: tuple[str, ...] = ()
    whose: Callable = lambda user: True


def _with_duty(*duties):
    return lambda user: user.has_duty(*duties)


@dataclass(frozen=True)
class Place:
    label: str
    icon: str
    sections: tuple[Section, ...]


PLACES = {
    "empresa": Place(
        _("Empresa"),
        "building",
        (
            Section(
                "company", _("Inicio"), "house-door", "company", True, ("application", "application_section", "letter")
            ),
            Section("board", _("Requisitos"), "list-check", "company", True, ("fulfilment",)),
            Section("evidences", _("Evidencias"), "folder2-open", "company", True),
            Section("workshops", _("Talleres"), "mortarboard", "company", True),
            Section("measures", _("Libro de ahorros"), "piggy-bank", "company"),
            Section(
                "audits",
                _("Auditorías"),
                "clipboard-check",
                "company",
                False,
                ("audit", "nonconformity", "external_request"),
            ),
            Section("certificate", _("Certificado y marca"), "patch-check", "company"),
            Section("profile", _("Datos y sedes"), "geo-alt", "company", False, ("sites", "site")),
            Section("team", _("Equipo"), "people", "company"),
            Section("history", _("Historia"), "clock-history", "company"),
            Section("home", _("Mis empresas"), "buildings", also=("register",)),
        ),
    ),
    "monitor": Place(
        _("Monitoreo"),
        "compass",
        (
            Section("home", _("Inicio"), "house-door", dock=True),
            Section("review", _("Por revisar"), "inboxes", dock=True),
            Section("companies", _("Mis empresas"), "buildings", dock=True, also=("company", "board", "fulfilment")),
            Section("visits", _("Visitas"), "calendar-week", dock=True, also=("visit",)),
        ),
    ),
    "auditoria": Place(
        _("Auditoría"),
        "clipboard-check",
        (
            Section("home", _("Inicio"), "house-door", dock=True),
            Section("audit", _("Auditoría"), "journal-text", "audit"),
            Section("checklist", _("Lista"), "list-check", "audit", True, ("check", "sheet")),
            Section("findings", _("Hallazgos"), "clipboard-data", "audit", True, ("nonconformity",)),
            Section(
                "requests",
                _("Solicitudes"),
                "inboxes",
                dock=True,
                also=("request",),
                whose=lambda user: user.frame["manages"],
            ),
        ),
    ),
    "panel": Place(
        _("Panel"),
        "sliders",
        (
            Section("home", _("Edición"), "speedometer2", dock=True, also=("edition",)),
            Section(
                "applications",
                _("Postulaciones"),
                "file-earmark-person",
                dock=True,
                also=("application", "application_file", "applications_decide", "phrases", "appeals", "appeal"),
            ),
            Section("letters", _("Cartas"), "envelope-paper", also=("letter",)),
            Section(
                "companies", _("Empresas"), "buildings", dock=True, also=("company", "participation", "claims", "claim")
            ),
            Section("audits", _("Auditorías"), "clipboard-check", dock=True, also=("audit",)),
            Section("decisions", _("Decisiones"), "hourglass-split", also=("decision",)),
            Section("certificates", _("Certificados"), "patch-check", also=("certificate",)),
            Section("workshops", _("Talleres"), "mortarboard", also=("session",)),
            Section("bodies", _("Organismos"), "building-check", also=("body",)),
            Section("people", _("Personas"), "person-badge", also=("person", "second_factor", "stand_in")),
            Section("mails", _("Correos"), "envelope-check", also=("mail", "mails_send", "templates", "template")),
            Section("standard", _("Estándar"), "journals"),
            Section(
                "editions",
                _("Ediciones"),
                "calendar2-range",
                also=("edition_documents", "document", "document_create", "edition_letters", "edition_letter"),
            ),
            Section("parameters", _("Parámetros"), "gear", whose=_with_duty("coordinator", "administrator")),
            Section("imports", _("Importar"), "upload", also=("import", "import_upload")),
            Section("workdays", _("Días no laborables"), "calendar-x"),
            Section("jobs", _("Sistema"), "tools", also=("held_files", "readings"), whose=_with_duty("administrator")),
        ),
    ),
}
PUBLIC = (
    Section("home", _("Inicio"), "house-door", also=("call", "self_check")),
    Section("catalogue", _("Organizaciones certificadas"), "buildings", also=("certified",)),
    Section("verify", _("Verificar"), "patch-check", also=("verification",)),
    Section("help", _("Ayuda"), "question-circle"),
)


class Door:
    def __init__(self, request):
        match = request.resolver_match
        self.user = getattr(request, "user", None)
        self.name = (match.namespace if match else "") or "public"
        self.view = match.url_name if match else ""
        self.place = PLACES.get(self.name)
        self.label = self.place.label if self.place else ""
        self.icon = self.place.icon if self.place else ""

    @cached_property
    def doors(self):
        """The doors this person has, as (name, label, icon, address, whether we stand in it)."""
        names = getattr(self.user, "doors", ())
        return [
            (name, PLACES[name].label, PLACES[name].icon, home, name == self.name)
            for name in names
            if name in PLACES and (home := self._home(name))
        ]

    @property
    def others(self):
        """The doors of this person that are not the one we stand in."""
        return [door for door in self.doors if not door[-1]]

    def _home(self, name):
        try:
            return address(f"{name}:home")
        except NoReverseMatch:
            return ""

    @property
    def unread(self):
        return self.user.frame["unread"] if self.user and self.user.is_authenticated else 0

    def items(self, context, public=False):
        """The sections of this door as dictionaries; those whose page or object is absent are left out.

        public: those of the public door wherever the page stands, as a page of error does.
        """
        place = None if public else self.place
        counts = context.get("nav_counts") or {}
        current = context.get("nav_current") or self.view
        items = []
        for section in place.sections if place else PUBLIC:
            if url := self._address(self.name if place else "public", section, context):
                items.append(
                    {
                        "url": url,
                        "label": section.label,
                        "icon": section.icon,
                        "dock": section.dock,
                        "current": current == section.view or current in section.also,
                        "count": counts.get(section.view, 0),
                    }
                )
        return items

    def _address(self, door, section, context):
        if not section.whose(self.user):
            return ""
        subject = context.get(section.of) if section.of else None
        if section.of and not getattr(subject, "pk", None):
            return ""
        try:
            return address(f"{door}:{section.view}", *([subject.pk] if subject else []))
        except NoReverseMatch:
            return ""


def door(request):
    return {
        "door": Door(request),
        "standing_in": getattr(request, "standing_in", None),
        "second_factor_due": getattr(request, "second_factor_due", None),
        "demo": settings.DEMO,
        "identity_name": settings.OIDC_NAME if settings.OIDC_URL else "",
        "help_email": settings.HELP_EMAIL,
        "help_phone": settings.HELP_PHONE,
    }
