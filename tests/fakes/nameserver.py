"""A name server with the records that a test gives it, on a UDP port of this machine."""

from __future__ import annotations

import socketserver
import threading
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from dns.resolver import Resolver


class Nameserver:
    """Answers questions; a name that is not there is NXDOMAIN. `broken` answers SERVFAIL.

    `texts` are TXT records, `aliases` CNAMEs and `addresses` A records, by name.
    """

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.aliases: dict[str, str] = {}
        self.addresses: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.broken = False
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, socket = self.request
                socket.sendto(owner.answer(data), self.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        """`address:port`, as `CLOUDDECK_NAMESERVER` names one."""
        return "{}:{}".format(*self._server.server_address)

    def resolver(self) -> Resolver:
        """A resolver that asks here and nowhere else."""
        found = Resolver(configure=False)
        found.nameservers = ["127.0.0.1"]
        found.port = self._server.server_address[1]
        return found

    def answer(self, wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text().rstrip(".")
        self.asked.append(name)
        reply: Any = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        if self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif name in self.aliases:
            self._alias(reply, question.name, question.rdtype)
        elif name not in self.texts and name not in self.addresses:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.A and name in self.addresses:
            reply.answer.append(
                dns.rrset.from_text(question.name, 60, "IN", "A", *self.addresses[name])
            )
        elif name not in self.texts:
            pass
        elif question.rdtype == dns.rdatatype.TXT and self.texts[name]:
            quoted = [
                " ".join(f'"{part}"' for part in text.split("|")) for text in self.texts[name]
            ]
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *quoted))
        return reply.to_wire()

    def _alias(self, reply: Any, name: Any, wanted: Any) -> None:
        """The alias, and for a question about addresses what is found behind it."""
        target = self.aliases[name.to_text().rstrip(".").lower()]
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", f"{target}."))
        if wanted == dns.rdatatype.A and target in self.addresses:
            there = self.addresses[target]
            reply.answer.append(dns.rrset.from_text(f"{target}.", 60, "IN", "A", *there))

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
