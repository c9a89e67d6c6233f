"""What goes along to another server when its answer may be everybody's."""

import pytest

from chalicelib.edge.rules.routing.verdicts import Goal, Proxy
from functions.edge.origin.notes import Passed
from functions.edge.origin.passing import pass_on

D = "dpl_01ja0000000000000000000000"


@pytest.mark.parametrize("plain", [True, False])
def test_what_no_server_owns_up_to_is_left_out(plain):
    names = ("cache-control", "pragma", "priority", "dnt", "upgrade-insecure-requests", "accept")
    asked = {
        "method": "GET",
        "uri": "/x",
        "querystring": "",
        "headers": {name: [{"key": name, "value": "canary"}] for name in names},
    }
    verdict = Proxy(goals=(Goal("", "https://api.example.com/x"),), reason="proxy")
    note = Passed(D, "prj_1", False, "", plain, 0, ())
    sent = pass_on(asked, verdict, note)["headers"]
    kept = {name for name in names if name in sent}
    assert kept == ({"accept"} if plain else set(names))
