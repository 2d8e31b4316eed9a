from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from requirements_std.catalogue import Catalogue, Refused

CATALOGUE = Path(__file__).resolve().parents[2] / "data" / "standard.yaml"


class Command(BaseCommand):
    help = "Carga y publica una versión del estándar desde un catálogo YAML: todo, o nada y por qué."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, default=CATALOGUE)
        parser.add_argument("--standard", default="ecoeficiencia", help="código del estándar")

    def handle(self, file, standard, **options):
        try:
            version, new = Catalogue(file.read_text(encoding="utf-8")).load(standard)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"No se pudo leer {file}: {error}") from error
        except Refused as refused:
            lines = "\n".join(f"{file.name} · {problem}" for problem in refused.problems)
            raise CommandError(f"No se cargó nada. Corrija y vuelva a cargar:\n{lines}") from refused
        if not new:
            self.stdout.write(f"{version}: sin cambios, no hay nada que hacer.")
            return
        aspects, requirements = version.aspects.count(), version.requirements.count()
        self.stdout.write(f"{version}: publicada con {aspects} aspectos y {requirements} requisitos.")
