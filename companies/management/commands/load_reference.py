import csv
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import transaction

from companies.models import Activity, ConsentText, District, Event
from ecoeficiencia.models import NonWorkingDay

DATA = Path(__file__).resolve().parents[2] / "data"
NORM = "DS 042-2025-PCM"
NON_WORKING_DAYS = [date(2025, 5, 2), date(2025, 12, 26), date(2026, 1, 2)]
REGISTRATION = """\
Acepto que PROMPERÚ trate mis datos personales (nombres, correo electrónico, teléfono y cargo) para crear mi cuenta, \
gestionar la participación de mi empresa en el Programa de Ecoeficiencia y enviarme avisos sobre sus etapas.

Los datos se conservan mientras dure la participación y el plazo que ordena la ley. Los ven el personal del programa, \
el monitor asignado y, durante una auditoría, el equipo auditor. No se venden ni se usan para otra finalidad.

Conforme a la Ley 29733, Ley de Protección de Datos Personales, puedo pedir acceso, rectificación, cancelación u \
oposición, y retirar este consentimiento, escribiendo al correo de ayuda que aparece en cada página."""


class Command(BaseCommand):
    help = "Carga distritos (INEI), actividades (CIIU rev. 4), días no laborables y el texto de consentimiento."

    @transaction.atomic
    def handle(self, **options):
        counts = {
            "distritos": self.load(
                District,
                "ubigeo_inei.csv",
                ubigeo="code",
                departamento="department",
                provincia="province",
                distrito="name",
            ),
            "actividades": self.load(Activity, "ciiu_rev4.csv", ciiu="code", seccion="section", descripcion="name"),
        }
        for day in NON_WORKING_DAYS:
            row, new = NonWorkingDay.objects.get_or_create(
                on=day, department="", defaults={"reason": "Día no laborable para el sector público", "norm": NORM}
            )
            if new:
                Event.record(row, by=None, verb="decree", note=NORM)
        ConsentText.objects.get_or_create(purpose="registro", number=1, defaults={"text": REGISTRATION})
        self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()) + " cargados.")

    def load(self, model, filename, **columns):
        """Write each row of a file, or bring the one of the same code up to date; return how many there are."""
        with (DATA / filename).open(encoding="utf-8", newline="") as file:
            rows = [model(**{columns[name]: value for name, value in line.items()}) for line in csv.DictReader(file)]
        model.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=[name for name in columns.values() if name != "code"],
        )
        return len(rows)
