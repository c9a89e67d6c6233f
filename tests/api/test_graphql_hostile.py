"""Documents that want to hurt: each is refused before anything is asked, and soon."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema

from chalicelib.core.http import declare
from chalicelib.graphql.actions.schema import graph
from chalicelib.graphql.rules import MAX_ASKS

MANY = 10_000


def code(answer: Any) -> str:
    assert answer.status == 200, answer.text
    found = answer.json()
    assert found["errors"][0]["message"]
    return str(found["errors"][0]["extensions"]["code"])


LARGE = {
    "deep": "{ me " + "{ me " * 200 + "{ via }" + "}" * 201,
    "nested in circles": '{ project(project: "p") '
    + "{ team { projects { items " * 8
    + "{ id }"
    + "} } }" * 8
    + "}",
    "aliases": "{ " + " ".join(f"a{i}: me {{ via }}" for i in range(40)) + " }",
    "ten thousand aliases": "{ " + " ".join(f"a{i}:me" for i in range(MANY)) + " }",
    "one field again and again": "{ me { user { " + "id " * 1_500 + "} } }",
    "fragments that double": " ".join(
        f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(60)
    )
    + " fragment F60 on Query { me { via } } { ...F0 }",
    "a type of a type of a type": "{ __schema { types { fields { type { fields { type { fields "
    "{ name } } } } } } } }",
    "brackets": "query(" + "$a: " + "[" * 500 + "Int" + "]" * 500 + ") { me { via } }",
    "lists in lists": '{ team(team: "' + "x" * 30_000 + '") { id } }',
}


@pytest.mark.parametrize("document", LARGE.values(), ids=LARGE)
def test_too_large(owner, document):
    began = time.process_time()
    assert code(owner.client.post("/v1/graphql", {"query": document})) == "query_too_large"
    assert time.process_time() - began < 2


COSTLY = {
    "lists in lists": "{ teams(limit: 100) { items { projects(limit: 100) { items { id } } } } }",
    "hidden in a fragment": "{ teams(limit: 100) { items { ...F } } } "
    "fragment F on TeamSummary { projects(limit: 100) { items { id } } }",
    "in an inline fragment": "{ teams(limit: 100) { items { ... on TeamSummary "
    "{ projects(limit: 100) { items { id } } } } } }",
    "by a default": "query($n: Int! = 100) { teams(limit: $n) { items "
    "{ projects(limit: $n) { items { id } } } } }",
    "a negative number": "{ teams(limit: -100) { items "
    "{ projects(limit: 100) { items { id } } } } }",
}


@pytest.mark.parametrize("document", COSTLY.values(), ids=COSTLY)
def test_too_costly(owner, document):
    asked: list[str] = []
    real, declare.limiters[:] = (
        list(declare.limiters),
        [lambda route, _: asked.append(route.path) or {}],
    )
    try:
        answer = owner.client.post("/v1/graphql", {"query": document})
    finally:
        declare.limiters[:] = real
    assert code(answer) == "query_too_costly"
    assert asked == ["/v1/graphql"]


def test_a_variable_says_how_long_a_list_is(owner):
    document = (
        "query($n: Int!) { teams(limit: $n) { items { projects(limit: $n) { items { id } } } } }"
    )
    body = {"query": document, "variables": {"n": 5}}
    assert "errors" not in owner.client.post("/v1/graphql", body).json()
    body["variables"] = {"n": 100}
    assert code(owner.client.post("/v1/graphql", body)) == "query_too_costly"


def test_what_is_inside_a_list_counts_for_each_item(owner):
    """The least that is refused, and the most that is not."""
    query = (
        "{ projects(limit: %d) { items { pointer { generation } rollouts(limit: 9) { next } } } }"
    )
    fits = owner.client.post("/v1/graphql", {"query": query % 94}).json()
    assert "errors" not in fits, fits  # 10 + 94 * (1 + 10 + 10) = 1,984
    assert code(owner.client.post("/v1/graphql", {"query": query % 95})) == "query_too_costly"


def test_asking_ends_whatever_was_expected(owner, monkeypatch):
    from chalicelib.graphql.actions import asking

    monkeypatch.setattr(asking, "MAX_ASKS", 2)
    document = '{ me { via } teams { next } a: team(team: "x") { id } }'
    answer = owner.client.post("/v1/graphql", {"query": document})
    assert answer.json()["data"]["me"] == {"via": "session"}
    assert code(answer) == "query_too_costly"
    assert MAX_ASKS <= 300, "more than the bucket of a person holds"


def test_cyclic_fragments_are_refused(owner):
    for document in (
        "{ ...A } fragment A on Query { me { via } ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        ("{ me { teams { ...A } } } fragment A on TeamSummary { activity { items { at } } ...A }"),
    ):
        assert code(owner.client.post("/v1/graphql", {"query": document})) == "graphql_invalid"


def test_no_batches(owner):
    sent = json.dumps([{"query": "{ me { via } }"}] * 3).encode()
    answer = owner.client.call("POST", "/v1/graphql", raw=sent)
    assert (answer.status, answer.code) == (400, "invalid_json")


def test_huge_variables(owner):
    body = {"query": "{ me { via } }", "variables": {"a": "x" * 5_000_000}}
    assert owner.client.post("/v1/graphql", body).status == 413
    body = {"query": "{ me { via } }", "variables": {f"v{i}": i for i in range(50_000)}}
    began = time.process_time()
    assert owner.client.post("/v1/graphql", body).json() == {"data": {"me": {"via": "session"}}}
    assert time.process_time() - began < 3
    text = "x" * 90_000
    document = "query($l: Int!) { teams(limit: $l) { next } }"
    answer = owner.client.post("/v1/graphql", {"query": document, "variables": {"l": text}})
    assert code(answer) == "graphql_invalid"
    assert len(answer.text) < 2_000


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        ("{ me { via }", "graphql_syntax"),
        ("", "graphql_syntax"),
        ("{ nothing }", "graphql_invalid"),
        ("subscription { a }", "graphql_invalid"),
        ("query A { me { via } } query B { me { via } }", "graphql_invalid"),
        ("fragment F on Query { me { via } }", "graphql_invalid"),
        ('{ team(team: "a#b") { id } }', "team_not_found"),
        ('{ team(team: "\\u202e") { id } }', "team_not_found"),
        ("{ teams(limit: 0) { next } }", "invalid_request"),
        ('{ teams(cursor: "x") { next } }', "invalid_cursor"),
    ],
)
def test_refusals_have_a_code(owner, document, wanted):
    assert code(owner.client.post("/v1/graphql", {"query": document})) == wanted


def test_one_of_several_operations(owner):
    document = "query A { me { via } } query B { me { project } }"
    body = {"query": document, "operationName": "B"}
    assert owner.client.post("/v1/graphql", body).json() == {"data": {"me": {"project": None}}}
    body["operationName"] = "C"
    assert code(owner.client.post("/v1/graphql", body)) == "graphql_invalid"


def test_tools_can_learn_the_schema(owner):
    from graphql import build_client_schema, get_introspection_query

    query = get_introspection_query(input_value_deprecation=True)
    found = owner.client.post("/v1/graphql", {"query": query}).json()
    assert "errors" not in found
    assert build_client_schema(found["data"]).type_map["Deployment"]


CALM = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@CALM
@given(data=st.data())
def test_whatever_fits_the_schema_is_answered_or_refused(owner, data):
    """No document makes a fault of ours, and each says what it was about."""
    document = data.draw(from_schema(graph().schema.as_str()))
    answer = owner.client.post("/v1/graphql", {"query": document})
    assert answer.status in {200, 422, 429}, (document, answer.text)  # 422: texts no body may hold
    for error in answer.json().get("errors", ()) if answer.status == 200 else ():
        assert error["extensions"]["code"] != "internal", (document, error)
        assert error["extensions"]["status"] < 500, (document, error)


@CALM
@given(st.text(max_size=300) | st.text(alphabet='{}()[]:$!."@#&|= \nabme', max_size=300))
def test_any_text_is_answered(owner, document):
    answer = owner.client.post("/v1/graphql", {"query": document})
    assert answer.status in {200, 422, 429}
    if answer.status == 200:  # chance may well have written a document that asks for something
        found = answer.json()
        said = {error["extensions"]["code"] for error in found.get("errors", ())}
        assert said or found["data"] is not None
        assert "internal" not in said


@CALM
@given(
    st.dictionaries(
        st.text(max_size=10),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5)
            ),
            max_leaves=20,
        ),
        max_size=5,
    )
)
def test_any_variables_are_answered(owner, variables):
    document = "query($n: Int, $i: NewProjectInput) { teams(limit: 1) { next } }"
    sent = json.dumps({"query": document, "variables": variables}).encode()
    answer = owner.client.call("POST", "/v1/graphql", raw=sent)
    assert answer.status in {200, 400, 422, 429}, answer.text
