from datetime import UTC, date, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from companies import padron


def day(text):
    return date.fromisoformat(text)


class Command(BaseCommand):
    help = "Carga el padrón reducido de SUNAT (texto o ZIP). Reemplaza al anterior por completo, o no cambia nada."

    def add_arguments(self, parser):
        parser.add_argument("file", help="padron_reducido_ruc.txt o su ZIP")
        parser.add_argument("--date", type=day, help="fecha del padrón, AAAA-MM-DD; sin ella, la del archivo")
        parser.add_argument("--prefix", default="", help="guardar solo los RUC que empiezan así, por ejemplo 20")
        parser.add_argument("--tolerate", type=int, default=0, metavar="N", help="dejar fuera hasta N líneas rotas")

    def handle(self, *, file, date, prefix, tolerate, **options):
        path = Path(file)
        if not path.is_file():
            raise CommandError(f"No existe el archivo {file}.")
        as_of = date or timezone.localdate(datetime.fromtimestamp(path.stat().st_mtime, tz=UTC))
        try:
            loaded = padron.load(path, as_of=as_of, prefix=prefix, tolerate=tolerate, progress=self.progress)
        except padron.Refused as refusal:
            raise CommandError(self.report(refusal)) from refusal
        self.stdout.write(f"{loaded.taxpayers} contribuyentes al {as_of:%d/%m/%Y}; {loaded.left_out} líneas fuera.")

    def progress(self, lines):
        self.stdout.write(f"{lines} líneas leídas…")
        self.stdout.flush()

    def report(self, refusal):
        shown = "\n".join(refusal.problems)
        more = refusal.count - len(refusal.problems)
        rest = f"\n… y {more} más." if more > 0 else ""
        return f"{shown}{rest}\nNo se cambió nada: {refusal.count} problemas. Corrija el archivo o use --tolerate."
