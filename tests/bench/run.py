"""bin/bench: load each size, measure it, print the table, keep the figures."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import padron
from tests.with_postgres import postgres

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "bench"
# operation: (largest ratio of CPU to the floor, most statements beyond those of the floor)
BUDGETS = {
    "board, 1 site": (14, 8),
    "board, 3 sites": (28, 8),
    "save one answer": (5, 8),
    "list of applications": (8, 8),
    "list of companies": (8, 8),
    "panel home": (8, None),  # statements: as many at each size
    "edition": (8, None),
    "upload 1 MB": (7, 8),
    "public verification": (1.5, 2),
}
OPENING = (6, 10)
CERTIFICATE_MS, WORKER_MIB = 60, 150


def arguments():
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("--sizes", default="10,300,3000", help="how many companies, comma separated")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--padron", type=int, metavar="LINES", help="only: load SUNAT's register of so many lines")
    parser.add_argument("--no-save", action="store_true", help="print only")
    return parser.parse_args()


def manage(environment, *command):
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)


def measure(size, address, folder, rounds):
    """Load `size` companies into an empty database and measure them."""
    environment = installed(address, folder)
    loading = spent(environment, "load_demo", "--companies", str(size), "--verbosity", "0")
    command = [sys.executable, "-m", "tests.bench.measure", str(rounds)]
    answer = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout.splitlines()[-1]) | {"loading": loading}


def installed(address, folder):
    """An empty installation; the environment of its commands."""
    environment = {
        **os.environ, "ECO_DATABASE_URL": address, "ECO_VAR": str(folder), "ECO_DEMO": "1", "ECO_LOG_LEVEL": "CRITICAL",
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    (folder / "broker").mkdir(parents=True)
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "createcachetable")
    return environment


def spent(environment, *arguments):
    """What a command of manage.py itself costs, without its database server."""
    begun = time.perf_counter()
    command = [sys.executable, "manage.py", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return {
        "wall_s": round(time.perf_counter() - begun),
        "cpu_s": round(used.ru_utime + used.ru_stime),
        "peak_mib": round(used.ru_maxrss / 1024),
    }


def new_database(server, name):
    import psycopg2

    connection = psycopg2.connect(server)
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
    return server.replace("/postgres?", f"/{name}?")


def verdict(name, row):
    if name not in BUDGETS:
        return ""
    ratio, statements = BUDGETS[name]
    over = row["ratio"] > ratio or (statements is not None and row["statements"] > statements)
    limit = f"<= {ratio}x" + (f", {statements} SQL" if statements else "")
    return f"{'OVER' if over else 'ok':<5}{limit}"


def show(size, found):
    print(f"\n{size} companies (floor: an empty page for somebody signed in)")
    print(f"{'operation':<24}{'CPU ms':>8}{'ratio':>7}{'SQL':>5}{'wall p50':>10}{'p95':>8}  budget")
    for name, row in found["operations"].items():
        print(
            f"{name:<24}{row['cpu_p50']:>8.2f}{row['ratio']:>6.1f}x{row['statements']:>5}"
            f"{row['wall_p50']:>10.1f}{row['wall_p95']:>8.1f}  {verdict(name, row)}"
        )
    row = found["open an assessment"]
    over = row["ratio"] > OPENING[0] or row["statements"] > OPENING[1]
    print(
        f"{'open an assessment':<24}{row['cpu_ms']:>8.2f}{row['ratio']:>6.1f}x{row['statements']:>5}{'':>18}", end="  "
    )
    print(f"{'OVER' if over else 'ok':<5}<= {OPENING[0]}x, {OPENING[1]} SQL")
    row = found["certificate"]
    print(
        f"certificate {row['cpu_ms']} ms CPU ({'ok' if row['cpu_ms'] <= CERTIFICATE_MS else 'OVER'}), "
        f"{row['per_second_and_core']} per second and core, {row['grown_mib_over_200']} MiB more after 200"
    )
    print(f"web worker {found['worker_mib']} MiB ({'ok' if found['worker_mib'] <= WORKER_MIB else 'OVER'})")
    print(f"looking into an upload, in the worker's child: {found['inspector_ms']} ms CPU")
    row = found["reminders"]
    print(
        f"reminders: {row['told']} told, {row['cpu_s']} s CPU, {row['statements']} statements, "
        f"{row['grown_mib']} MiB more"
    )
    row = found["loading"]
    print(f"loading {row['cpu_s']} s CPU, {row['wall_s']} s, {row['peak_mib']} MiB at its peak")


def show_padron(found, engine, asked):
    for name in ("first", "again"):
        row = found[name]
        cost = f"{row['wall_s']} s, {row['cpu_s']} s CPU, {row['peak_mib']} MiB at its peak"
        print(f"{found['lines']:,} lines of {found['mib']} MiB, {name}: {cost}")
    if not asked.no_save:
        OUT.mkdir(exist_ok=True)
        (OUT / f"padron-{engine}.json").write_text(json.dumps(found, indent=1) + "\n")


def main():
    asked = arguments()
    sizes = [int(size) for size in asked.sizes.split(",")]
    engine = "sqlite" if asked.sqlite else "postgresql"
    results = {}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eco-bench-", ignore_cleanup_errors=True)))
        server = None if asked.sqlite else stack.enter_context(postgres())
        for size in [asked.padron] if asked.padron else sizes:
            home = folder / str(size)
            home.mkdir()
            address = f"sqlite:///{home / 'db.sqlite3'}" if asked.sqlite else new_database(server, f"bench{size}")
            if asked.padron:
                show_padron(padron.measure(installed(address, home), home, size, spent), engine, asked)
                break
            results[size] = measure(size, address, home, asked.rounds)
            show(size, results[size])
            if not asked.no_save:
                OUT.mkdir(exist_ok=True)
                facts = {"engine": engine, "on": f"{datetime.now(UTC):%Y-%m-%d}", "rounds": asked.rounds}
                text = json.dumps(facts | {"sizes": results}, indent=1, ensure_ascii=False)
                (OUT / f"{engine}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
