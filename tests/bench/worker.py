"""One gunicorn worker, what it costs, and requests to it."""

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path

PORT = int(os.environ.get("PORT", "8140"))


def cpu_seconds(pid):
    """CPU time of all threads of a process, to the nanosecond where the kernel says so."""
    try:
        tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_seconds(pid):
    """CPU time of all descendants of a process and of those that ended, in ticks of the clock."""
    total = 0
    for child in Path(f"/proc/{pid}/task").glob("*/children"):
        for number in child.read_text().split():
            fields = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()
            total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + children_seconds(number)
    return total


def resident_mib(pid="self"):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise OSError("no VmRSS")


class Worker:
    def __enter__(self):
        command = [sys.executable, "-m", "gunicorn", "ecoeficiencia.wsgi", "--bind", f"127.0.0.1:{PORT}"]
        command += ["--worker-class", "gthread", "--workers", "1", "--threads", "4", "--no-control-socket"]
        command += ["--log-level", "error"]
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
        self.master = subprocess.Popen(command, env=environment)
        for _ in range(150):
            time.sleep(0.2)
            try:
                if self.ask("GET", "/_/hola-a-nadie")[0] == 200:
                    break
            except OSError:
                continue
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text().split()
        self.pid = int(children[0])
        return self

    def __exit__(self, *error):
        self.master.terminate()
        self.master.wait(20)

    def ask(self, method, path, body=None, headers=None):
        """Return (status, headers, seconds)."""
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        begun = time.perf_counter()
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
        seconds = time.perf_counter() - begun
        connection.close()
        return answer.status, answer.headers, seconds
