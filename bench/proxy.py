"""Requests that the edge passes on to a backend, beside nginx that passes them on to the same.

The backend is another nginx on loopback that answers 2 KB at once. Uncached it forbids to keep the
answer; cached it allows it for an hour, and both keep it. `python -m bench --suite proxy`.
"""

import tempfile
from pathlib import Path

from bench import nginx, table
from bench.edge import Options, Side, compare
from bench.load import say_what_is_missing
from bench.nginx import Server
from chalicelib.edge.rules.routing.codec import digest_of, encode
from chalicelib.edge.rules.routing.model import Routing, Rule
from tests.contract.edge_sites import EdgeProcess, FakeSite, free_port

_BACKEND = """
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    default_type application/json;
    location /plain {{ add_header Cache-Control no-store; return 200 "{body}"; }}
    location /kept {{ add_header Cache-Control "public, max-age=3600"; return 200 "{body}"; }}
  }}
"""
_PEER = """
  proxy_cache_path {home}/kept keys_zone=kept:10m;
  upstream behind {{ server 127.0.0.1:{backend}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $host;
    proxy_set_header X-Forwarded-Proto $scheme;
    location /api/plain {{ proxy_pass http://behind/plain; }}
    location /api/kept {{
      proxy_cache kept; proxy_cache_lock on; proxy_cache_use_stale error timeout;
      proxy_pass http://behind/kept;
    }}
  }}
"""
_BODY = "tide " * 400


def run(seconds: float = 5, rounds: int = 3) -> list[table.Row]:
    """Every row of the suite; none without nginx, which is the backend."""
    say_what_is_missing()
    backend, port = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="clouddeck-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx may drop to a user of its own
        answers = _BACKEND.format(port=backend, body=_BODY)
        with nginx.running(folder / "backend", answers, backend) as behind:
            if behind is None:
                return []
            home = folder / "edge"
            _make_site(home, backend)
            edge = EdgeProcess(home, CLOUDDECK_PRIVATE_OUTBOUND="1")
            passing = _PEER.format(home=folder / "peer", backend=backend, port=port)
            try:
                with nginx.running(folder / "peer", passing, port) as peer:
                    own = Server("edge", edge.port, edge.process.pid)
                    return _rows(own, peer, Options(seconds, rounds, folder))
            finally:
                edge.stop()


def _rows(own: Server, peer: Server | None, options: Options) -> list[table.Row]:
    rows: list[table.Row] = []
    for name, path in (("uncached", "/api/plain"), ("cached", "/api/kept")):
        theirs = None if peer is None else Side(peer, path, "passing.localhost")
        ours = Side(own, path, "passing.localhost")
        rows += compare(f"2 KB through the edge, {name}", ours, theirs, options, None)
    return rows


def _make_site(home: Path, backend: int) -> None:
    """A site whose rule sends `/api/` to the backend."""
    rule = Rule("b", 1, "/api/*", f"http://127.0.0.1:{backend}/:splat", 200)
    data = encode(Routing(rules=(rule,)))
    site = FakeSite("passing")
    site.objects[f"rules/{site.team}/{digest_of(data)}.json"] = data
    site.publish({"index.html": b"home"}, routing=digest_of(data))
    site.fill_cache(home)
    site.write_route(home)
