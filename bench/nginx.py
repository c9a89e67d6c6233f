"""nginx with one worker, as peer and as backend."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FRAME = """
worker_processes 1;
daemon off;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 2048; }}
http {{
  types {{ text/html html; text/javascript js; }}
  log_format json escape=json '{{"t":$msec,"ms":$request_time,"host":"$host","path":"$uri",'
    '"status":$status,"bytes":$body_bytes_sent,"site":"prj_00000000000000000000000000",'
    '"deployment":"dpl_00000000000000000000000000","cache":"memory"}}';
  access_log {home}/access.jsonl json buffer=256k flush=1s;
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3;
  uwsgi_temp_path {home}/t4; scgi_temp_path {home}/t5;
  sendfile on; tcp_nopush on; keepalive_requests 100000000;
  {http}
}}
"""


@dataclass
class Server:
    """A server under load."""

    name: str
    port: int
    pid: int
    tls_port: int = 0

    def cpu_seconds(self) -> float:
        """CPU time that the process and its workers have used."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        total = 0
        for pid in [self.pid, *children]:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(home: Path, http: str, port: int, tls_port: int = 0) -> Iterator[Server | None]:
    """nginx with this inside its `http` block, or None when it is not installed."""
    if found() is None:
        print("nginx is not installed: no ratios", file=sys.stderr)
        yield None
        return
    home.mkdir(parents=True, exist_ok=True)
    config = home / "nginx.conf"
    config.write_text(_FRAME.format(home=home, http=http))
    process = subprocess.Popen([found(), "-c", str(config), "-p", str(home)])
    time.sleep(1)
    try:
        if process.poll() is not None:
            raise SystemExit(f"nginx did not start: {(home / 'error.log').read_text()[-500:]}")
        yield Server("nginx", port, process.pid, tls_port)
    finally:
        process.terminate()
        process.wait(10)


def found() -> str | None:
    """Where nginx is; Debian keeps it off the path of people."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
