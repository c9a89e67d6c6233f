"""What the runner tells people arrives, whatever a program wrote."""

import json

import pytest

from chalicelib.core.errors import Invalid
from chalicelib.core.jsonbody import parse_object
from runner.client import Client, Response
from runner.protocol import Api

HOSTILE = "a\u202egnp.exe\u202c \u2066b\u2069 \0 \ud800 שלום"


class Recorder(Client):
    """Keeps what would be sent."""

    def __init__(self):
        super().__init__()
        self.bodies = []

    def send(self, request, *, patience=60.0):
        self.bodies.append(request.body)
        return Response(200, {}, b"{}")


@pytest.mark.parametrize("call", ["logs", "complete", "fail"])
def test_what_no_text_may_hold_costs_a_sign_and_not_the_report(call):
    client = Recorder()
    body = {"lines": [{"n": 1, "text": HOSTILE}], "tests": [{HOSTILE: (HOSTILE,)}], "ok": True}
    Api("http://api", "token", client).call(call, body)
    told = parse_object(client.bodies[0])
    assert told["lines"][0]["text"] == "a\ufffdgnp.exe\ufffd \ufffdb\ufffd \ufffd \ufffd שלום"
    assert told["ok"] is True
    assert "\u202e" not in json.dumps(told, ensure_ascii=False)


def test_what_is_not_for_people_is_not_changed():
    client = Recorder()
    Api("http://api", "token", client).call("plan", {"files": {"a": {"text": "\u202e"}}})
    with pytest.raises(Invalid):
        parse_object(client.bodies[0])
