"""SUNAT's padrón of so many lines, invented, loaded by the command that loads the real one."""

import time
from pathlib import Path

from companies.ruc import check_digit

LINE = "{ruc}|COMPAÑÍA DE PRUEBA NÚMERO {n} S.A.C.|ACTIVO|HABIDO|150101|AV.|LOS ROBLES|-|-|120|-|-|-|-|-|\n"


def write(folder, lines):
    """A file of as many good lines, in ISO-8859-1; each RUC once."""
    path = Path(folder, "padron_reducido_ruc.txt")
    with path.open("w", encoding="latin-1") as file:
        for n in range(lines):
            base = f"20{n:08d}"
            file.write(LINE.format(ruc=f"{base}{check_digit(base)}", n=n))
    return path


def measure(environment, folder, lines, run):
    """Seconds, CPU and memory of loading it into an empty database, then of loading it again over itself."""
    path = write(folder, lines)
    return {name: run(environment, "import_padron", str(path)) for name in ("first", "again")} | {
        "lines": lines, "mib": round(path.stat().st_size / 1048576), "at": time.strftime("%Y-%m-%d"),
    }  # fmt: skip
