"""Limits as a client meets them, and as the database sees them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.core import http, limits
from chalicelib.core.errors import TooMany
from chalicelib.core.http import TABLE
from chalicelib.core.limits import Limiter, network
from chalicelib.core.rates import CLASSES, FREE, Bucket
from tests.fakes.counting import database_calls
from tests.fakes.people import PASSWORD, api_key, person

START = 1_800_000_000_000_000


class Watch:
    """A clock that stands until somebody moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1_000_000)


@pytest.fixture
def watch(api):
    """Limits as an installation has them, with a clock of our own."""
    made = Watch()
    http.limit_with(Limiter(1.0, made))
    return made


def test_every_answer_says_what_is_left(api, owner, watch):
    first = owner.client.get("/v1/me")
    assert first.headers["RateLimit-Policy"] == '"read";q=300;w=15'
    assert first.headers["RateLimit"] == '"read";r=299;t=1'
    absent = owner.client.get("/v1/projects/prj_" + "0" * 26)
    assert absent.status == 404
    assert absent.headers["RateLimit"] == '"read";r=298;t=1'
    wrong = owner.client.post("/v1/projects", {})
    assert wrong.status == 422
    assert wrong.headers["RateLimit-Policy"] == '"write";q=100;w=20'
    watch.sleep(60)
    assert owner.client.get("/v1/me").headers["RateLimit"] == '"read";r=299;t=1'


def test_too_many_is_refused_with_the_sentence_and_the_wait(api, owner, watch):
    for _ in range(15):
        login = api.post("/v1/auth/login", {"email": owner.email, "password": PASSWORD})
        assert login.status == 200
    refused = api.post("/v1/auth/login", {"email": owner.email, "password": PASSWORD})
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert refused.headers["Retry-After"] == "2"
    assert refused.headers["RateLimit"] == '"sign_in";r=0;t=2'
    assert refused.json()["detail"] == (
        "Too many attempts to sign in from your address: 30 a minute are taken, 15 at once. "
        "The next one is taken in 2 s."
    )
    watch.sleep(1.9)
    assert api.post("/v1/auth/login", {"email": "x@y.zz", "password": "x"}).status == 429
    watch.sleep(0.1)
    assert api.post("/v1/auth/login", {"email": "x@y.zz", "password": "x"}).status == 401
    assert owner.client.get("/v1/me").status == 200  # another bucket


def test_each_caller_has_buckets_of_their_own(api, owner, watch):
    other, key = person(api), api_key(owner)
    for _ in range(10):
        owner.client.get("/v1/me")
    assert other.client.get("/v1/me").headers["RateLimit"].startswith('"read";r=299')
    assert key.get("/v1/me").headers["RateLimit"].startswith('"read";r=299')
    again = api.post("/v1/auth/login", {"email": owner.email, "password": PASSWORD})
    second = api.with_token(again.json()["access_token"])
    # another session of the same person is no other caller
    assert second.get("/v1/me").headers["RateLimit"].startswith('"read";r=289')


def test_what_a_stranger_says_of_themselves_chooses_no_bucket(api, watch):
    for number in range(15):
        api.headers = {"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": "for=1.2.3.4"}
        api.post("/v1/auth/login", {"email": "x@y.zz", "password": "x"})
    answer = api.post("/v1/auth/login", {"email": "z@y.zz", "password": "x"})
    assert answer.status == 429


def test_tokens_that_are_refused_count_for_the_address(api, watch):
    found = [api.with_token(f"no.token.{n}").get("/v1/me").status for n in range(101)]
    assert found == [401] * 100 + [429]
    assert api.get("/v1/projects").status == 429  # no token at all, the same address
    assert api.get("/v1/meta").status == 200


def test_what_asks_no_database_is_free(api, watch):
    with database_calls() as calls:
        assert "RateLimit" not in api.get("/v1/health").headers
    assert calls == []


def test_one_write_a_request_and_none_for_a_flood(database, watch):
    limiter = Limiter(1.0, watch)
    whole = Bucket(1_000_000, 3)
    with database_calls() as calls:
        assert [limiter.take("RATE#x#a", whole, START).allowed for _ in range(3)] == [True] * 3
    assert calls == ["UpdateItem"] * 3
    with database_calls() as calls:
        assert not limiter.take("RATE#x#a", whole, START).allowed
    assert calls == []
    elsewhere = Limiter(1.0, watch)  # another process, that remembers nothing
    with database_calls() as calls:
        refused = elsewhere.take("RATE#x#a", whole, START)
    assert (refused.allowed, refused.arrival) == (False, START + 3_000_000)
    assert calls == ["UpdateItem"]
    with database_calls() as calls:
        assert elsewhere.take("RATE#x#a", whole, START + 1_000_000).allowed
        assert limiter.take("RATE#x#a", whole, START + 2_000_000).allowed
    assert calls == ["UpdateItem"] * 2
    third = Limiter(1.0, watch)
    with database_calls() as calls:
        assert third.take("RATE#x#a", whole, START + 3_000_000).allowed
    assert calls == ["UpdateItem"] * 2  # it took the bucket for idle


def test_a_bucket_that_somebody_removed_is_full_again(database, watch):
    limiter, whole = Limiter(1.0, watch), Bucket(1_000_000, 5)
    limiter.take("RATE#x#a", whole, START)
    database.delete_item(TableName="test-usage", Key={"pk": {"S": "RATE#x#a"}, "sk": {"S": "META"}})
    assert limiter.take("RATE#x#a", whole, START).arrival == START + 1_000_000


def test_rows_expire_after_they_have_run_full(database, watch):
    limiter, whole = Limiter(1.0, watch), Bucket(6_000_000, 5)
    for _ in range(5):
        limiter.take("RATE#x#a", whole, START)
    row = limits.BucketRow.get("RATE#x#a", "META")
    assert int(row.ttl) * 1_000_000 > int(row.arrival)


def test_parallel_callers_never_get_more(database):
    whole = Bucket(1_000_000, 20)
    processes = [Limiter(1.0) for _ in range(4)]
    gate = threading.Barrier(8)

    def hammer(number: int) -> int:
        gate.wait()
        mine = processes[number % 4]
        return sum(mine.take("RATE#x#p", whole, START).allowed for _ in range(12))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(hammer, range(8))) == 20


def test_a_key_with_a_rate_of_its_own_has_one_bucket(database, watch):
    from dataclasses import replace

    from chalicelib.core.actor import Actor

    limiter = Limiter(1.0, watch)
    routes = {name: next(r for r in TABLE if r.limit == name) for name in ("read", "write")}
    costly = next(r for r in TABLE if r.limit == "expensive")
    key = Actor(kind="api_key", id="key_1", user="usr_1", rate_per_minute=8)
    assert limiter(routes["read"], key)["RateLimit-Policy"] == '"key";q=2;w=15'
    assert limiter(routes["write"], key)["RateLimit"].startswith('"key";r=0')
    with pytest.raises(TooMany):
        limiter(routes["read"], key)
    assert limiter(costly, key)["RateLimit-Policy"] == '"expensive";q=8;w=60'
    large = replace(key, id="key_2", rate_per_minute=100_000)
    assert limiter(costly, large)["RateLimit-Policy"] == '"expensive";q=20;w=20'


def test_addresses_are_networks():
    assert network("192.0.2.7") == "192.0.2.7"
    assert network("::ffff:192.0.2.7") == "192.0.2.7"
    assert network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("") == network("nonsense#") == "unknown"


def test_when_nobody_can_count_reads_pass_and_sign_in_does_not(api, owner, watch, monkeypatch):
    from botocore.exceptions import EndpointConnectionError
    from pynamodb.exceptions import UpdateError

    def gone(*_):
        raise UpdateError("x", EndpointConnectionError(endpoint_url="x"))

    monkeypatch.setattr(limits, "update_or_see", gone)
    assert owner.client.get("/v1/me").status == 200
    refused = api.post("/v1/auth/login", {"email": owner.email, "password": PASSWORD})
    assert (refused.status, refused.code) == (503, "limits_unavailable")
    assert api.with_token("x").get("/v1/me").status == 401


def test_a_fault_of_ours_is_not_taken_for_an_outage(api, owner, watch, monkeypatch):
    def broken(*_):
        raise ValueError

    monkeypatch.setattr(limits, "update_or_see", broken)
    assert owner.client.get("/v1/me").status == 500


def test_a_factor_multiplies_and_zero_counts_nothing(api, owner):
    http.limit_with(Limiter(0.01))
    headers = owner.client.get("/v1/me").headers
    assert headers["RateLimit-Policy"] == '"read";q=3;w=15'
    http.limit_with(Limiter(0))
    with database_calls() as calls:
        assert "RateLimit" not in owner.client.get("/v1/me").headers
    assert calls.count("UpdateItem") == 0


def test_every_route_names_a_class(api):
    assert {route.limit for route in TABLE} <= {*CLASSES, FREE}
    routes = http.Routes("nobody")
    with pytest.raises(ValueError, match="class"):
        routes.get("/x", permission=http.PUBLIC, answer=http.Acknowledged, limit="plenty")


def test_pages_of_other_origins_may_read_the_headers():
    from chalicelib.core.http.app import CORS

    exposed = CORS.get_access_control_headers()["Access-Control-Expose-Headers"]
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed.split(","))


def test_the_description_names_the_headers(api):
    document = api.get("/v1/openapi.json").json()
    answers = document["paths"]["/v1/me"]["get"]["responses"]
    assert {"RateLimit", "RateLimit-Policy"} == set(answers["200"]["headers"])
    assert "Retry-After" in answers["429"]["headers"]
    assert "RateLimit" in answers["404" if "404" in answers else "401"]["headers"]
    assert "headers" not in document["paths"]["/v1/health"]["get"]["responses"]["200"]
    assert set(document["components"]["headers"]) == {
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
    }


def test_the_client_knows_429_everywhere():
    from chalicelib.core.openapi import problem_codes

    assert all(429 in problem_codes(route) for route in TABLE)
