"""Secrets in the output: found in every form, told by place and name, never by value."""

import base64
import json
import urllib.parse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import output, scan
from runner.protocol import Limits
from runner.scan import Scanner

SECRET = "Xy7-pq/9Zt+0Lm=4Q"
KEYS = {
    "AWS access key": "AKIA" + "Q3EXAMPL7YTZ2KLM",
    "GitHub token": "ghp_" + "a1B2" * 9,
    "GitLab token": "glpat-" + "x" * 20,
    "Stripe secret key": "sk_live_" + "4" * 24,
    "Slack token": "xoxb-" + "1" * 12 + "-" + "2" * 12 + "-" + "a" * 24,
    "Google API key": "AIza" + "S" * 35,
    "npm token": "npm_" + "z" * 36,
    "private key": "-----BEGIN RSA PRIVATE KEY-----\n" + "A" * 64 + "\n",
}
ENCODINGS = {
    "raw": lambda v: v,
    "base64": lambda v: base64.b64encode(v.encode()).decode(),
    "base64, one on": lambda v: base64.b64encode(b"a" + v.encode() + b"zz").decode(),
    "base64, two on": lambda v: base64.b64encode(b"ab" + v.encode() + b"zzz").decode(),
    "url": lambda v: urllib.parse.quote(v, safe=""),
    "json": json.dumps,
    "hex": lambda v: v.encode().hex(),
    "HEX": lambda v: v.encode().hex().upper(),
}


def found(tmp_path, files, secrets=None):
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    scanner = Scanner({"KEY": SECRET} if secrets is None else secrets)
    output.collect(tmp_path, Limits(), plain=False, scanner=scanner)
    return scanner.findings()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("lines", [0, 3, 70_000])
def test_every_form_is_found_at_its_line(tmp_path, encoding, lines):
    files = {"a.html": "<p>ok</p>", "b/c.js": "x=1\n" * lines + ENCODINGS[encoding](SECRET)}
    (finding,) = found(tmp_path, files)
    assert finding == ("b/c.js", lines + 1, scan.VALUE, "KEY")
    assert SECRET not in scan.sentence(finding) + scan.refused(finding).message


secrets = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x17F, exclude_characters='"'), min_size=16
)


@settings(max_examples=60, deadline=None)
@given(secrets, st.sampled_from(sorted(ENCODINGS)), st.integers(0, 300_000))
def test_wherever_it_stands(tmp_path_factory, value, encoding, before):
    content = b"." * before + ENCODINGS[encoding](value).encode() + b"." * 50_000
    (finding,) = found(tmp_path_factory.mktemp("out"), {"a": content}, {"KEY": value})
    assert finding.value_of == "KEY"


@pytest.mark.parametrize("kind", KEYS)
def test_well_known_keys(tmp_path, kind):
    (finding,) = found(tmp_path, {"app.js": f"// x\nconst k = '{KEYS[kind]}';"})
    assert finding == ("app.js", 2, kind, None)


@pytest.mark.parametrize(
    "innocent",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "ghp_ and glpat-<your token>",
        "sk_live_...",
        "pk_live_" + "4" * 24,
        "data:image/png;base64," + "AKIA" * 40,
        "the AIza prefix",
    ],
)
def test_what_only_looks_like_one(tmp_path, innocent):
    assert found(tmp_path, {"docs.html": innocent}) == []


@pytest.mark.parametrize("value", ["production", "true", "localhos", "1234567", ""])
def test_values_that_are_words_are_not_looked_for(tmp_path, value):
    assert found(tmp_path, {"a.html": f"it is {value} here"}, {"KEY": value}) == []


def test_what_is_public_by_its_name_is_not_looked_for():
    env = {"NEXT_PUBLIC_KEY": SECRET, "VITE_KEY": SECRET, "KEY": SECRET, "PLAIN": SECRET}
    assert scan.secret_values(env, ["NEXT_PUBLIC_KEY", "VITE_KEY", "KEY"]) == {"KEY": SECRET}


def test_a_hundred_places_at_most(tmp_path):
    assert len(found(tmp_path, {f"{n:03}": SECRET for n in range(300)})) == 100


def test_a_key_on_every_page_hides_no_secret(tmp_path):
    files = {f"{n:03}": KEYS["Google API key"] for n in range(150)}
    found_all = found(tmp_path, {**files, "zzz": SECRET})
    assert found_all[0] == ("zzz", 1, scan.VALUE, "KEY")
    assert len(found_all) == 100


def test_across_the_pieces_of_a_large_file(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "READ", 1000)
    monkeypatch.setattr(scan, "LARGE", 10)
    for shift in range(990, 1001):
        (finding,) = found(tmp_path, {"large": "\n" * shift + SECRET + "\n" * 5000})
        assert finding.line == shift + 1


def build(fake, gate):
    fake.env, fake.secrets, fake.gate = {"KEY": SECRET}, ["KEY"], gate
    fake.source({"build.sh": 'mkdir dist; echo; printf "a\\n%s" "$KEY" > dist/app.js'})
    fake.plan |= {"build": "sh build.sh", "output": "dist"}


def test_the_gate_blocks_before_anything_is_uploaded(fake, agent):
    build(fake, "block")
    assert agent.run() == 0, agent.errors
    failure = fake.failure()
    assert failure["code"] == "secret_in_output"
    assert "app.js, line 2, holds the value of KEY" in failure["message"]
    assert failure["findings"][0]["value_of"] == "KEY"
    assert SECRET not in str(failure) + fake.text()
    assert not [name for verb, name in fake.requests if verb == "PUT"]


@pytest.mark.parametrize(("gate", "told"), [("warn", 1), ("off", 0)])
def test_the_gate_can_be_opened(fake, agent, gate, told):
    build(fake, gate)
    assert agent.run() == 0, agent.errors
    assert len(fake.calls["complete"][0]["findings"]) == told
    assert ("Secret in the output" in fake.text()) == bool(told)


def test_a_well_known_key_warns_and_does_not_block(fake, agent):
    fake.source({"index.html": KEYS["GitHub token"]})
    assert agent.run() == 0, agent.errors
    assert "looks like a GitHub token" in fake.text()
    assert fake.published()
