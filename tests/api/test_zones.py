"""DNS zones of a team: kept here, their records checked, a domain's records written."""

from __future__ import annotations

import pytest

from tests.fakes.domains import HOST, add, check
from tests.fakes.people import person

ZONE = "shop-one.com"


@pytest.fixture
def path(owner):
    made = owner.client.post(f"/v1/teams/{owner.team}/zones", {"name": "Shop-One.com."})
    assert made.status == 201, made.text
    assert (made.json()["name"], made.json()["provider"]) == (ZONE, "local")
    assert made.json()["name_servers"]
    return f"/v1/teams/{owner.team}/zones/{ZONE}/records"


def put(owner, path, name, kind, *values, ttl=300):
    body = {"name": name, "type": kind, "values": list(values), "ttl": ttl}
    return owner.client.put(path, body)


def test_records_are_written_read_and_removed(owner, path):
    assert put(owner, path, "@", "A", "192.0.2.1", "192.0.2.2").json()["name"] == ZONE
    assert put(owner, path, "www", "CNAME", "Shop-One.com.").json()["values"] == [ZONE]
    assert put(owner, path, "@", "MX", "10 mail.shop-one.com.", "5 mx.else.com").status == 200
    assert put(owner, path, "@", "CAA", '0 issue "amazon.com"').status == 200
    assert put(owner, path, "_dmarc", "TXT", '"v=DMARC1; p=none"').json()["values"] == [
        "v=DMARC1; p=none"
    ]
    assert put(owner, path, "*.dev", "AAAA", "2001:DB8::1").json()["values"] == ["2001:db8::1"]
    found = {(r["name"], r["type"]) for r in owner.client.get(path).json()["items"]}
    assert found == {
        *((ZONE, kind) for kind in ("A", "MX", "CAA")),
        (f"www.{ZONE}", "CNAME"),
        (f"_dmarc.{ZONE}", "TXT"),
        (f"*.dev.{ZONE}", "AAAA"),
    }
    assert owner.client.delete(f"{path}/CNAME/www").status == 204
    gone = owner.client.delete(f"{path}/CNAME/www")
    assert (gone.status, gone.code) == (404, "record_not_found")


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("@", "A", ["2001:db8::1"]),
        ("@", "A", ["999.1.1.1"]),
        ("@", "A", ["010.0.0.1"]),
        ("@", "AAAA", ["192.0.2.1"]),
        ("@", "CNAME", ["else.com"]),
        ("www", "CNAME", ["a.com", "b.com"]),
        ("www", "CNAME", [f"www.{ZONE}"]),
        ("www", "CNAME", ["192.0.2.1"]),
        ("www", "CNAME", ["no host"]),
        ("@", "MX", ["mail.else.com"]),
        ("@", "MX", ["70000 mail.else.com"]),
        ("@", "MX", ["0 .", "10 mail.else.com"]),
        ("@", "MX", ["10 ."]),
        ("@", "TXT", ["a\nb"]),
        ("@", "TXT", ['a"b']),
        ("@", "TXT", [""]),
        ("@", "TXT", ["\u00fc"]),
        ("@", "CAA", ["issue amazon.com"]),
        ("@", "CAA", ['300 issue "amazon.com"']),
        ("a..b", "A", ["192.0.2.1"]),
        ("a b", "A", ["192.0.2.1"]),
        ("a" * 64, "A", ["192.0.2.1"]),
        ("w.*.x", "A", ["192.0.2.1"]),
    ],
)
def test_what_is_no_record(owner, path, name, kind, values):
    refused = put(owner, path, name, kind, *values)
    assert (refused.status, refused.code) == (422, "record_invalid"), refused.text
    assert owner.client.get(path).json()["items"] == []


def test_a_cname_stands_alone(owner, path):
    put(owner, path, "www", "CNAME", "else.com")
    refused = put(owner, path, "www", "TXT", "hello")
    assert (refused.status, refused.code) == (409, "record_conflict")
    put(owner, path, "api", "A", "192.0.2.1")
    assert put(owner, path, "api", "CNAME", "else.com").code == "record_conflict"


def test_a_zone_is_one_teams(api, owner, path):
    other = person(api)
    refused = other.client.post(f"/v1/teams/{other.team}/zones", {"name": ZONE})
    assert (refused.status, refused.code) == (409, "zone_taken")
    assert owner.client.post(f"/v1/teams/{owner.team}/zones", {"name": ZONE}).status == 201
    assert owner.client.delete(path.removesuffix("/records")).status == 204
    assert owner.client.get(path).code == "zone_not_found"
    assert other.client.post(f"/v1/teams/{other.team}/zones", {"name": ZONE}).status == 201


def test_a_domain_writes_its_own_records(owner, path, project, names, services):
    put(owner, path, "_clouddeck-challenge.www", "TXT", "somebody else's")
    made = add(owner, project).json()
    answer = owner.client.post(f"/v1/projects/{project}/domains/{HOST}/apply")
    assert answer.status == 200, answer.text
    there = {(r.name, r.type): r.values for r in services.zones.records(ZONE)}
    proof = next(r["value"] for r in made["records"] if r["type"] == "TXT")
    assert set(there[f"_clouddeck-challenge.{HOST}", "TXT"]) == {"somebody else's", proof}
    assert there[HOST, "CNAME"] == ("domains.example.net",)
    again = owner.client.post(f"/v1/projects/{project}/domains/{HOST}/apply")
    assert again.json() == answer.json()
    names.texts[f"_clouddeck-challenge.{HOST}"] = list(there[f"_clouddeck-challenge.{HOST}", "TXT"])
    assert check(owner, project)["state"] == "active"


def test_without_a_zone_it_says_so(owner, project):
    add(owner, project)
    refused = owner.client.post(f"/v1/projects/{project}/domains/{HOST}/apply")
    assert (refused.status, refused.code) == (409, "zone_missing")


def test_nobody_puts_a_zone_in_front_of_somebody_elses(api, owner, path):
    """The name server answers from the closest zone: it would be theirs."""
    other = person(api)
    for name in (f"www.{ZONE}", f"a.b.{ZONE}", f"WWW.{ZONE.upper()}."):
        refused = other.client.post(f"/v1/teams/{other.team}/zones", {"name": name})
        assert (refused.status, refused.code) == (409, "zone_taken"), refused.text
    beside = other.client.post(f"/v1/teams/{other.team}/zones", {"name": f"not-{ZONE}"})
    assert beside.status == 201, beside.text
    own = owner.client.post(f"/v1/teams/{owner.team}/zones", {"name": f"dev.{ZONE}"})
    assert own.status == 201, own.text
