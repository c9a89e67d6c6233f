"""list, inspect, logs, open, promote, rollback, cancel."""

from __future__ import annotations

import json
import webbrowser

import pytest

from tests.unit.cli.fake_api import dpl, line


def ndjson(text: str) -> list[dict]:
    return [json.loads(one) for one in text.splitlines()]


def test_list(deck, linked, signed_in):
    signed_in.add_deployment(message="first\x1b[2Jchange\twith tab")
    signed_in.add_deployment("failed", branch=None, live=True)
    result = deck("list", "--json")
    assert [d["id"] for d in result.json["items"]] == [dpl(2), dpl(1)]
    rows = [row.split("\t") for row in deck("list").stdout.splitlines()]
    assert rows[0][1:4] == ["failed", "preview (live)", "-"]
    assert rows[1][4] == "firstchange with tab"
    assert len(deck("list", "-n", "1").stdout.splitlines()) == 1
    assert len(deck("list", "--state", "failed").stdout.splitlines()) == 1


def test_inspect_takes_ids_addresses_and_nothing(deck, linked, signed_in):
    found = signed_in.add_deployment()
    for named in ([dpl(1)], [dpl(1)[4:]], [found["url"]], [found["url"] + "/"], ["latest"], []):
        assert deck("inspect", *named, "--json").json["id"] == dpl(1)
    text = deck("inspect").stdout
    assert "state       ready" in text
    assert "build       done     4.0s" in text


def test_inspect_says_why_it_failed(deck, linked, signed_in):
    error = {"code": "build_failed", "message": "it broke", "hint": "mend it", "fault": "you"}
    signed_in.add_deployment("failed", error=error)
    text = deck("inspect").stdout
    assert "it broke (build_failed)" in text
    assert "mend it" in text


def test_what_names_no_deployment(deck, linked):
    assert "neither the id nor" in deck("inspect", "nonsense", code=2).stderr
    assert "no such deployment" in deck("inspect", dpl(9), code=2).stderr
    assert "no deployment yet" in deck("inspect", code=2).stderr


def test_logs(deck, linked, signed_in):
    signed_in.add_deployment()
    signed_in.lines = [line(1, "plain"), line(2, "\x1b[31mred\x1b[0m\x1b]0;title\x07\x08")]
    rows = deck("logs").stdout.splitlines()
    assert rows[0][-13:] == "build   │ plain"[-13:]
    assert rows[1].endswith("│ red␈")
    assert deck("logs", "--json").stdout.count("\n") == 2
    assert ndjson(deck("logs", dpl(1), "--json").stdout)[0] == {
        "type": "log",
        **signed_in.lines[0],
    }


def test_logs_are_read_to_the_last_page(deck, linked, signed_in):
    signed_in.add_deployment()
    signed_in.lines = [line(n, "x") for n in range(1, 2502)]
    assert deck("logs").stdout.count("\n") == 2501


@pytest.mark.parametrize("socket", ["ok", "drop", "lossy", "silent", "refuse"])
def test_following_misses_nothing(deck, linked, signed_in, socket):
    signed_in.socket = socket
    signed_in.add_deployment("building")
    events = ndjson(deck("logs", "-f", "--json").stdout)
    assert [event["n"] for event in events[:-1]] == [1, 2, 3, 4, 5]
    assert events[-1]["deployment"]["state"] == "ready"


def test_following_one_that_fails(deck, linked, signed_in):
    signed_in.states = ["queued", "building", "failed"]
    signed_in.add_deployment("building")
    result = deck("logs", "-f", code=1)
    assert "error: npm run build exited with 1\nhint: Read the log." in result.stderr


def test_following_one_that_is_over(deck, linked, signed_in):
    signed_in.add_deployment()
    assert deck("logs", "-f").stdout.count("\n") == 5
    assert not any(path == "/live" for _, path in signed_in.calls)


def test_open(deck, linked, signed_in, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: bool(opened.append(url)) or True)
    assert deck("open").stdout == "http://site.localhost:8081\n"
    assert opened == ["http://site.localhost:8081"]
    found = signed_in.add_deployment()
    assert deck("open", dpl(1), "--no-browser").stdout == found["url"] + "\n"
    assert deck("open", "--json").json == {"url": "http://site.localhost:8081", "opened": False}
    signed_in.projects["site"]["url"] = "file:///etc/passwd"
    deck("open")
    assert len(opened) == 1, "only web addresses reach the browser"


def test_promote(deck, linked, signed_in):
    signed_in.add_deployment()
    result = deck("promote", dpl(1), "--reason", "good", "--json")
    assert (result.json["deployment"], result.json["reason"]) == (dpl(1), "good")
    assert f"now serves {dpl(1)}" in deck("promote", dpl(1)).stdout
    assert "not ready" in deck("promote", dpl(2), code=2).stderr
    deck("promote", code=2)


def test_rollback(deck, linked):
    assert "pinned" in deck("rollback").stdout
    result = deck("rollback", "--to", dpl(7), "--reason", "bad", "--json")
    assert (result.json["deployment"], result.json["reason"]) == (dpl(7), "bad")


def test_cancel(deck, linked, signed_in):
    signed_in.add_deployment("building")
    assert deck("cancel", "--json").json["state"] == "cancelled"
    assert "newest deployment is cancelled" in deck("cancel", code=2).stderr
    signed_in.add_deployment("ready")
    assert "It is ready" in deck("cancel", dpl(2), code=2).stderr
