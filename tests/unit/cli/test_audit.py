"""audit: what is asked, what is shown, and verifying an export without asking anybody."""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audit.rules.canonical import canonical
from chalicelib.audit.rules.entries import Draft, Place, Who, entry
from cli import chain

TEAM = "/v1/teams/acme/audit"


def log(count, team="team_1"):
    place, found = Place(), []
    for number in range(count):
        draft = Draft(
            f"req_{number}",
            "2026-01-02T03:04:05.678Z",
            team,
            "projects.create",
            Who("user", "u", "u", "192.0.2.1"),
            "prj_é",
            after={"n": number / 3, "t": "a\x07\U0001f600"},
        )
        made = entry(draft, place, "2026-01-02T03:04:06.000Z")
        place = Place(made["sequence"], made["hash"])
        found.append(made)
    return found


def lines(entries):
    return [canonical(e).decode() + "\n" for e in entries]


def test_a_whole_export_is_whole():
    found = chain.verify(lines(log(20)))
    assert (found.why, found.entries, found.first, found.last) == ("", 20, 1, 20)
    assert chain.verify(lines(log(20)[5:])).why == ""
    assert chain.verify([]).entries == 0


@settings(deadline=None)
@given(st.integers(0, 19), st.sampled_from(["change", "remove", "swap", "repeat", "nonsense"]))
def test_every_lie_in_an_export_is_found(at, lie):
    entries = log(20)
    if lie == "change":
        entries[at] = {**entries[at], "resource": "other"}
    elif lie == "remove":
        if at in {0, 19}:
            return  # the beginning and the end of a part
        del entries[at]
    elif lie == "swap":
        other = (at + 1) % 20
        entries[at], entries[other] = entries[other], entries[at]
    elif lie == "repeat":
        entries.insert(at, entries[at])
    text = lines(entries)
    if lie == "nonsense":
        text[at] = "{}\n"
    found = chain.verify(text)
    assert found.why
    assert found.broken_at is not None


def test_an_entry_of_another_log_is_found():
    found = chain.verify(lines([*log(3), *log(4, "team_2")[3:]]))
    assert found.broken_at == 4


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_both_sides_write_the_same_bytes(value):
    assert chain.canonical(value) == canonical(value).decode()


@pytest.fixture
def team(signed_in, deck):
    signed_in.sent = []
    return signed_in


def answer(there, path, *bodies, status=200):
    there.answers[path] = [(status, body) for body in bodies]


ENTRY = {**log(1)[0], "sentence": "Ada created the project \x1b[2Jblog"}


def test_list_and_activity(deck, team):
    answer(team, TEAM, {"items": [ENTRY], "next": "c"}, {"items": [ENTRY], "next": None})
    shown = deck("audit", "list", "-t", "acme", "--action", "projects.", "-n", "2").stdout
    assert len(shown.splitlines()) == 2
    assert "\x1b" not in shown
    answer(team, TEAM, {"items": [ENTRY], "next": None})
    assert deck("audit", "list", "-t", "acme", "--json").json["items"] == [ENTRY]
    item = {"at": ENTRY["at"], "sentence": "Ada did it"}
    answer(team, "/v1/teams/acme/activity", {"items": [item]})
    assert "Ada did it" in deck("audit", "activity", "-t", "acme").stdout
    answer(team, "/v1/admin/audit", {"items": [], "next": None})
    assert deck("audit", "list", "--installation", "--json").json == {"items": []}


VERDICT = {
    "ok": True,
    "entries": 5,
    "first": 1,
    "last": 5,
    "head_hash": "ab",
    "signed_until": 4,
    "broken_at": None,
    "why": "",
    "more": False,
}


def test_verify_goes_on_until_the_end(deck, team):
    second = {**VERDICT, "first": 6, "last": 9, "entries": 4}
    answer(team, f"{TEAM}/verify", {**VERDICT, "more": True}, second)
    found = deck("audit", "verify", "-t", "acme", "--json").json
    assert (found["entries"], found["first"], found["last"]) == (9, 1, 9)


def test_verify_says_where_it_is_broken(deck, team):
    broken = {**VERDICT, "ok": False, "broken_at": 3, "why": "It was changed."}
    answer(team, f"{TEAM}/verify", broken)
    said = deck("audit", "verify", "-t", "acme", code=1).stderr
    assert "entry 3" in said
    assert "It was changed." in said


def test_verify_a_file_asks_nobody(deck, fake, folder):
    (folder / "log.jsonl").write_text("".join(lines(log(7))), "utf-8")
    found = deck("audit", "verify", "--file", "log.jsonl", "--json").json
    assert (found["ok"], found["entries"], found["hash"]) == (True, 7, log(7)[-1]["hash"])
    broken = lines(log(7))
    broken[3] = broken[3].replace("192.0.2.1", "192.0.2.2")
    (folder / "log.jsonl").write_text("".join(broken), "utf-8")
    assert "entry 4" in deck("audit", "verify", "--file", "log.jsonl", code=1).stderr
    (folder / "log.jsonl").write_bytes(b"\xff\xfe")
    deck("audit", "verify", "--file", "log.jsonl", code=2)
    deck("audit", "verify", "--file", "absent.jsonl", code=5)
    assert fake.calls == []


def test_export_into_a_file_is_whole_or_not_at_all(deck, team, folder, monkeypatch):
    from cli.api import Api

    pages = [("".join(lines(log(2))), "next"), ("".join(lines(log(4)[2:])), None)]
    asked = []

    def page(_self, path):
        asked.append(path)
        return pages[len(asked) - 1]

    monkeypatch.setattr(Api, "page", page)
    deck("audit", "export", "-t", "acme", "-o", "log.jsonl")
    assert asked[1].endswith("format=jsonl&cursor=next")
    assert (folder / "log.jsonl").stat().st_mode & 0o777 == 0o600
    assert deck("audit", "verify", "--file", "log.jsonl", "--json").json["entries"] == 4
    asked.clear()
    assert deck("audit", "export", "-t", "acme").stdout == "".join(lines(log(4)))
    answer(team, f"{TEAM}/export", {"code": "x", "detail": "no"}, status=403)
    monkeypatch.undo()
    deck("audit", "export", "-t", "acme", "-o", "other.jsonl", code=3)
    assert not list(folder.glob("*other*"))
    shutil.rmtree(folder)


def test_streams(deck, team):
    stream = {
        "name": "siem",
        "kind": "https",
        "url": "https://x.example/",
        "state": "failing",
        "delivered": 3,
        "error": "x.example does not answer",
    }
    path = f"{TEAM}/streams"
    answer(team, path, {"items": [stream]})
    assert "does not answer" in deck("audit", "streams", "list", "-t", "acme").stdout
    answer(team, f"{path}/siem", stream)
    arguments = ("--kind", "https", "--url", "https://x.example/", "-t", "acme")
    result = deck("audit", "streams", "set", "siem", *arguments, input="the-token\n")
    assert "the-token" not in result.stdout + result.stderr
    assert ("PUT", f"{path}/siem") in team.calls
    deck("audit", "streams", "set", "siem", "--kind", "ftp", "--url", "x", "-t", "acme", code=2)
    answer(team, f"{path}/siem/test", {"ok": False, "status": 403, "error": "It said 403."})
    assert "403" in deck("audit", "streams", "test", "siem", "-t", "acme", code=1).stderr
    answer(team, f"{path}/siem/test", {"ok": True, "status": 200, "error": ""})
    deck("audit", "streams", "test", "siem", "-t", "acme")
    deck("audit", "streams", "delete", "siem", "-t", "acme", code=2)
    answer(team, f"{path}/siem", {}, status=204)
    assert deck("audit", "streams", "delete", "siem", "--yes", "-t", "acme", "--json").json == {
        "deleted": "siem"
    }


def test_retention(deck, team):
    answer(team, f"{TEAM}/retention", {"days": 400}, {"days": 730})
    assert "400 days" in deck("audit", "retention", "-t", "acme").stdout
    assert deck("audit", "retention", "730", "-t", "acme", "--json").json == {"days": 730}
    assert json.dumps(team.calls[-1]) == json.dumps(("PUT", f"{TEAM}/retention"))
