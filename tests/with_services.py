"""Run a command with a PostgreSQL and a Redis of its own: `python tests/with_services.py COMMAND…`.

ECO_TEST_POSTGRES=postgres://… and ECO_TEST_REDIS=redis://… name servers that run already. It never skips: without a
server the run fails, with the sentence that says what to install.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTALL_REDIS = "Falta redis-server: instálelo (Debian: apt-get install redis-server; macOS: brew install redis)."


@contextmanager
def redis():
    """Yield the address of a fresh server on this machine, without its database number."""
    if address := os.environ.get("ECO_TEST_REDIS"):
        yield address
        return
    if not shutil.which("redis-server"):
        sys.exit(INSTALL_REDIS)
    from tests.faults.servers import Redis, free_port

    with tempfile.TemporaryDirectory(prefix="eco-redis-", ignore_cleanup_errors=True) as folder:
        server = Redis(free_port(), Path(folder), dict(os.environ))
        try:
            server.start()
            yield f"redis://127.0.0.1:{server.port}"
        finally:
            server.kill()


@contextmanager
def postgresql():
    from tests.with_postgres import postgres

    if address := os.environ.get("ECO_TEST_POSTGRES"):
        yield address
        return
    with postgres() as address:
        yield address


def main(command):
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with redis() as broker, postgresql() as database:
            env = {**os.environ, "ECO_DATABASE_URL": database, "ECO_TEST_REDIS": broker}
            return subprocess.run(command, env=env).returncode
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"No se pudieron iniciar PostgreSQL y Redis para las pruebas: {error}", file=sys.stderr)
        print("Ejecute bin/setup, o indique otros con ECO_TEST_POSTGRES y ECO_TEST_REDIS.", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
