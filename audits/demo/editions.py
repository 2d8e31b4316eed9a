"""Two editions: one finished, whose certificates are out in the world, and one running."""

from datetime import datetime, time, timedelta
from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from programs.models import Edition, Program, Session
from requirements_std.models import StandardVersion

from . import papers
from .firms import demo_blob

# Days before today on which each workshop of the running edition was given; what comes is in negative days.
HELD = {
    0: (235, 228), 1: (215,), 2: (194,), 3: (173,), 4: (152,), 5: (131,), 6: (110, -8), 7: (89,), 8: (66,),
    9: (40, -15), 10: (19, -22),
}  # fmt: skip
# Days by which each edition precedes the running one. The full one has just closed its call and begins in some weeks.
LEADS = {"past": 1020, "running": 0, "full": -250}


def create(today):
    """Return {"past": Edition, "running": Edition, "full": Edition} with their workshops and sessions.

    The call of the full one opened before that of the running one, which stays the edition the panel speaks of.
    """
    for command in ("load_reference", "load_standard"):
        call_command(command, verbosity=0, stdout=StringIO())
    version = StandardVersion.objects.filter(published_at__isnull=False).latest("published_at")
    program = _create_program(version.standard)
    editions = {}
    for key, shift in LEADS.items():

        def day(offset, shift=shift):
            return today + timedelta(days=offset - shift)

        full = key == "full"
        editions[key] = edition = Edition.objects.create(
            program=program,
            name=f"Edición {day(-250).year} Sur" if full else f"Edición {day(-250).year}",
            year=day(-250).year,
            standard_version=version,
            published=True,
            opens_on=today - timedelta(days=290) if full else day(-250),
            closes_on=today - timedelta(days=20) if full else day(21),
            quota=2 if full else 40,
            implementation_starts_on=day(-220),
            implementation_ends_on=day(60),
            preaudit_starts_on=day(-45),
            preaudit_ends_on=day(90),
            external_starts_on=day(-20),
            external_ends_on=day(150),
        )
        edition.create_workshops()
        edition.create_documents()
        _give_a_form(edition)
        papers.ask(edition)
        _create_sessions(edition, day)
    return editions


def _create_program(standard):
    return Program.objects.create(
        code="ecoeficiencia",
        name="Programa de Implementación de las Buenas Prácticas de Ecoeficiencia Perú",
        owner="PROMPERÚ, Departamento de Comercio Sostenible",
        standard=standard,
        mark_name="Buenas Prácticas de Ecoeficiencia Perú",
    )


def _give_a_form(edition):
    """One paper with a form of PROMPERÚ to download and fill in."""
    form = edition.documents.get(key="exports")
    form.template = demo_blob("Formato de exportaciones")
    form.template_filename = "formato-exportaciones.pdf"
    form.save()


def _create_sessions(edition, day):
    speakers = ("Mariana Loayza", "Renzo Aguirre", "Teresa Béjar")
    sessions = []
    for workshop in edition.workshops.all():
        for offset in HELD[workshop.number]:
            starts = timezone.make_aware(datetime.combine(day(-offset), time(10)))
            sessions.append(
                Session(
                    workshop=workshop,
                    starts_at=starts,
                    ends_at=starts + timedelta(hours=float(workshop.hours or 2)),
                    link="https://talleres.demo.example/sala",
                    speaker=speakers[workshop.number % 3],
                )
            )
    Session.objects.bulk_create(sessions)
