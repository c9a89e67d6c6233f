"""The short way to the database says what the long way says, and gives way to it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes import short_way

KEY = {"pk": {"S": "A#ü"}, "sk": {"S": "META"}}
ITEM = {**KEY, "n": {"N": "7"}, "raw": {"B": b"\x00\xff"}, "list": {"L": [{"BOOL": True}]}}


def put(**more: Any) -> dict[str, Any]:
    return {"TableName": "test-core", "Item": ITEM, **more}


ONCE = {"ConditionExpression": "attribute_not_exists(pk)"}
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "item": ("get_item", {"TableName": "test-core", "Key": KEY}),
    "nothing": ("get_item", {"TableName": "test-core", "Key": {**KEY, "sk": {"S": "none"}}}),
    "page": ("scan", {"TableName": "test-core", "Limit": 1}),
    "condition": ("put_item", put(**ONCE, ReturnValuesOnConditionCheckFailure="ALL_OLD")),
    "cancelled": ("transact_write_items", {"TransactItems": [{"Put": put(**ONCE)}]}),
    "no table": ("get_item", {"TableName": "test-nothing", "Key": KEY}),
    "not a key": ("get_item", {"TableName": "test-core", "Key": {"pk": {"S": "a"}}}),
}


def said(client: Any, operation: str, given: dict[str, Any]) -> Any:
    try:
        answer = getattr(client, operation)(**given)
    except ClientError as error:
        kind = type(error).__name__
        answer = {**error.response, "raised": kind, "text": str(error)}
    metadata = answer.pop("ResponseMetadata")
    return answer, metadata["HTTPStatusCode"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_ways_give_the_same_answer(database, monkeypatch, question):
    operation, given = QUESTIONS[question]
    database.put_item(**put())
    short = said(database, operation, given)
    asked = []
    real = short_way.Line.ask
    monkeypatch.setattr(short_way.Line, "ask", lambda *a: asked.append(a) or broken())
    assert short == said(database, operation, given)
    monkeypatch.setattr(short_way.Line, "ask", real)
    assert asked, "it did not go the short way"


def broken() -> None:
    raise ConnectionError("gone")


def test_a_line_that_broke_is_not_used_again(database, monkeypatch):
    database.put_item(**put())
    database.get_item(TableName="test-core", Key=KEY)
    real, broke = short_way.Line.ask, []

    def once(line: Any, *given: Any) -> Any:
        if not broke:
            broke.append(line)
            line._socket.shutdown(2)
        return real(line, *given)

    monkeypatch.setattr(short_way.Line, "ask", once)
    for _ in range(2):
        assert database.get_item(TableName="test-core", Key=KEY)["Item"] == ITEM
    assert broke


def test_many_at_once_get_their_own_answers(database):
    def one(number: int) -> int:
        row = {"pk": {"S": f"N#{number}"}, "sk": {"S": "META"}}
        database.put_item(TableName="test-core", Item={**row, "n": {"N": str(number)}})
        found = database.get_item(TableName="test-core", Key=row, ConsistentRead=True)
        return int(found["Item"]["n"]["N"])

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(one, range(100))) == list(range(100))


def test_other_services_and_addresses_go_the_way_they_went(database, monkeypatch):
    import boto3

    monkeypatch.setattr(short_way.Line, "ask", lambda *_: pytest.fail("the short way"))
    elsewhere = boto3.client("dynamodb", endpoint_url="http://127.0.0.1:1")
    assert elsewhere.meta.endpoint_url != os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
    sent = []
    monkeypatch.setattr(
        "botocore.endpoint.Endpoint.make_request", lambda *a: sent.append(a) or broken()
    )
    with pytest.raises(ConnectionError):
        elsewhere.get_item(TableName="test-core", Key=KEY)
    assert sent
