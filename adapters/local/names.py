"""`python -m adapters.local names`: a name server for the zones of one machine.

Answers with authority for what stands in `<home>/dns/`, by UDP and TCP, and refuses every other
name: it resolves nothing for anybody. Files are read again when they change.
"""

from __future__ import annotations

import json
import socketserver
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dns.message import Message
    from dns.name import Name

PORT = 5335
_UDP_BYTES = 1232
"""What fits into one datagram everywhere (DNS flag day 2020)."""

_TCP_SECONDS = 5.0
_LONGEST_CHAIN = 8

Records = dict[tuple[str, str], tuple[int, list[str]]]


class Names:
    """The zones of a folder, as they are at the moment of a question."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, tuple[int, Records]] = {}

    def answer(self, wire: bytes, most: int) -> bytes | None:
        """The answer to a question in at most so many bytes; None for what is none."""
        import dns.exception
        import dns.flags
        import dns.message
        import dns.opcode
        import dns.rcode

        try:
            query = dns.message.from_wire(wire)
        except (dns.exception.DNSException, ValueError):
            return None
        if query.flags & dns.flags.QR:
            return None
        reply = dns.message.make_response(query)
        if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
            reply.set_rcode(dns.rcode.NOTIMP)
        else:
            self._fill(reply, query.question[0])
        try:
            return reply.to_wire(max_size=most)
        except dns.exception.TooBig:
            short = dns.message.make_response(query)
            short.flags |= dns.flags.TC | dns.flags.AA
            return short.to_wire()

    def _fill(self, reply: Message, question: Any) -> None:
        import dns.flags
        import dns.rcode
        import dns.rdatatype

        name = question.name.to_text(omit_final_dot=True).lower()
        zone, records = self._zone(name)
        if zone is None:
            reply.set_rcode(dns.rcode.REFUSED)
            return
        reply.flags |= dns.flags.AA
        kind = dns.rdatatype.to_text(question.rdtype)
        place: Name = question.name
        for _ in range(_LONGEST_CHAIN):
            here = place.to_text(omit_final_dot=True).lower()
            if self._add(reply, place, kind, records, here):
                return
            alias = self._set(records, here, "CNAME")
            if alias is None or kind == "CNAME":
                break
            self._add(reply, place, "CNAME", records, here)
            import dns.name

            place = dns.name.from_text(alias[1][0])
            if self._zone(place.to_text(omit_final_dot=True).lower())[0] != zone:
                return
        if not reply.answer and not any(_matches(n, name) for n, _ in records) and name != zone:
            reply.set_rcode(dns.rcode.NXDOMAIN)

    def _add(self, reply: Message, name: Name, kind: str, records: Records, here: str) -> bool:
        """Put a record set into the answer; False when there is none."""
        import dns.rrset

        found = self._set(records, here, kind)
        if found is None:
            return False
        ttl, values = found
        reply.answer.append(
            dns.rrset.from_text_list(name, ttl, "IN", kind, [_text(kind, v) for v in values])
        )
        return True

    def _set(self, records: Records, name: str, kind: str) -> tuple[int, list[str]] | None:
        """The record set of a name, or that of a wildcard when there is nothing at the name."""
        if any(there == name for there, _ in records):
            return records.get((name, kind))
        return records.get((f"*.{name.partition('.')[2]}", kind))

    def _zone(self, name: str) -> tuple[str | None, Records]:
        """The closest zone that a name lies in, with its records."""
        labels = name.split(".")
        for at in range(len(labels)):
            zone = ".".join(labels[at:])
            if "/" in zone or not zone or zone.startswith("."):
                continue
            records = self._read(self._folder / f"{zone}.json")
            if records is not None:
                return zone, records
        return None, {}

    def _read(self, path: Path) -> Records | None:
        try:
            stamp = path.stat().st_mtime_ns
            known = self._known.get(path)
            if known is None or known[0] != stamp:
                document = json.loads(path.read_bytes())
                records = {
                    (r["name"], r["type"]): (int(r["ttl"]), list(r["values"]))
                    for r in document["records"]
                }
                known = self._known[path] = (stamp, records)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return known[1]


def _matches(there: str, name: str) -> bool:
    """Whether a name is there: itself, something below it, or a wildcard over it."""
    return there == name or there.endswith(f".{name}") or there == f"*.{name.partition('.')[2]}"


def _text(kind: str, value: str) -> str:
    """A value as a zone file has it."""
    if kind == "TXT":
        return " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))
    if kind == "CNAME":
        return f"{value}."
    if kind == "MX":
        preference, _, host = value.partition(" ")
        return f"{preference} {host.rstrip('.')}."
    return value


def serve(folder: Path, port: int = PORT) -> tuple[Any, Any]:
    """A server by UDP and one by TCP on this machine's loopback; neither has begun."""
    names = Names(folder)

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            found = names.answer(data, _UDP_BYTES)
            if found is not None:
                socket.sendto(found, self.client_address)

    class Connection(socketserver.StreamRequestHandler):
        timeout = _TCP_SECONDS

        def handle(self) -> None:
            try:
                head = self.rfile.read(2)
                data = self.rfile.read(struct.unpack("!H", head)[0]) if len(head) == 2 else b""
            except OSError:
                return
            found = names.answer(data, 65_535) if data else None
            if found is not None:
                self.wfile.write(struct.pack("!H", len(found)) + found)

    class Tcp(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    while True:
        udp = socketserver.ThreadingUDPServer(("127.0.0.1", port), Datagram)
        udp.daemon_threads = True
        try:
            return udp, Tcp(("127.0.0.1", udp.server_address[1]), Connection)
        except OSError:
            udp.server_close()
            if port:
                raise  # else: any number will do, and this one was free by UDP alone


def main(home: Path, port: int = PORT) -> None:
    """Serve until somebody interrupts."""
    udp, tcp = serve(home / "dns", port)
    threading.Thread(target=tcp.serve_forever, daemon=True).start()
    print(f"name server on 127.0.0.1:{port}; Ctrl-C ends it", flush=True)
    try:
        udp.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        udp.server_close()
        tcp.server_close()
