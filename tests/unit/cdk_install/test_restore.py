"""The script of docs/operate.md that writes restored rows back, as it stands there."""

from __future__ import annotations

import re
import textwrap

from tests.unit.cdk_install.conftest import REGION
from tests.unit.docs.codes import ROOT


def test_restored_rows_are_written_back(account, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    page = (ROOT / "docs" / "operate.md").read_text()
    script = textwrap.dedent(re.search(r"\n( +)```python\n(.*?)\n +```", page, re.S)[2])
    client = account.client("dynamodb")
    for name in ("clouddeck-core", "clouddeck-core-restored"):
        client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )

    def put(table, pk, **more):
        item = {"pk": {"S": pk}, "sk": {"S": "META"}, **more}
        client.put_item(TableName=table, Item=item)

    filler = {"S": "x" * 300_000}  # so that the scan takes several pages
    for number in range(8):
        put("clouddeck-core-restored", f"OLD#{number}", filler=filler)
    put("clouddeck-core", "OLD#1", broken={"BOOL": True})
    put("clouddeck-core", "NEW")
    exec(compile(script, "operate.md", "exec"), {})
    found = client.get_paginator("scan").paginate(TableName="clouddeck-core")
    rows = {row["pk"]["S"]: row for one in found for row in one["Items"]}
    assert set(rows) == {"NEW", *(f"OLD#{number}" for number in range(8))}
    assert rows["OLD#1"]["filler"] == filler
    assert "broken" not in rows["OLD#1"]
