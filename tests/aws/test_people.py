"""Mail, factors and the audit log on the deployed stacks, with IAM enforced."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

import pyotp
import pytest
from botocore.exceptions import ClientError

from tests.acceptance.client import Api, Json
from tests.aws.cloud import EMAIL, SENDER, Cloud
from tests.aws.people import allow, user
from tests.e2e.asking import until


@pytest.fixture(scope="module")
def team(api: Api) -> str:
    """The owner's own team."""
    return str(api.get("/me")["teams"][0]["id"])


def entries(api: Api, team: str, action: str) -> list[Json]:
    found: list[Json] = api.get(f"/teams/{team}/audit?action={action}")["items"]
    return found


def letter(cloud: Cloud, address: str, number: int = 1) -> str:
    """The text of the letter that an address got, the last of so many."""

    def there() -> str | None:
        mails = cloud.mails(address)
        return str(mails[-1]["BodyText"]) if len(mails) >= number else None

    return str(until(there, 60))


def token_in(text: str) -> str:
    """The token of an invitation."""
    found = re.search(r"inv_[\w-]{20,}", text)
    assert found, text
    return found[0]


def test_an_invitation_goes_out_by_ses_and_lets_somebody_in(
    cloud: Cloud, api: Api, team: str
) -> None:
    told = cloud.invoke("owner", {"console": "https://d111.cloudfront.net"}, cloud.operator)
    assert told == {"told": True}
    address = f"{secrets.token_hex(4)}@example.com"
    api.post(f"/teams/{team}/invitations", {"email": address, "role": "developer"})
    text = letter(cloud, address)
    assert "https://d111.cloudfront.net/#/" in text, "where the installer said the console is"
    assert cloud.mails(address)[0]["Source"] == SENDER
    anonymous = Api(cloud.url)
    assert anonymous.post("/invitations/look", {"token": token_in(text)})["email"] == address


def test_a_letter_is_written_by_the_function_that_hears_of_the_errand(
    cloud: Cloud, api: Api, password: str
) -> None:
    assert password
    before = len(cloud.mails(EMAIL))
    answer = Api(cloud.url).call("POST", "/auth/reset", {"email": EMAIL})
    assert answer.status_code == 202
    assert "deck" in letter(cloud, EMAIL, before + 1)
    stranger = f"{secrets.token_hex(4)}@example.com"
    again = Api(cloud.url).call("POST", "/auth/reset", {"email": stranger})
    assert (again.status_code, again.content) == (answer.status_code, answer.content)
    assert cloud.mails(stranger) == []


def test_nobody_is_invited_without_the_right_to_send(cloud: Cloud, api: Api, team: str) -> None:
    address = f"{secrets.token_hex(4)}@example.com"
    body = {"email": address, "role": "viewer"}
    with cloud.without("api", "ses:SendEmail"):
        answer = api.call("POST", f"/teams/{team}/invitations", body)
    assert (answer.status_code, answer.json()["code"]) == (503, "mail_unavailable")
    assert cloud.mails(address) == []
    api.post(f"/teams/{team}/invitations", body)  # again, as the answer says
    assert letter(cloud, address)


def test_who_was_invited_signs_up_and_adds_a_factor(cloud: Cloud, api: Api, team: str) -> None:
    """The account is made by the function of errands, the secret is sealed by the key."""
    guest = {"email": f"{secrets.token_hex(4)}@example.com", "password": secrets.token_hex(12)}
    api.post(f"/teams/{team}/invitations", {"email": guest["email"], "role": "viewer"})
    anonymous = Api(cloud.url)
    invitation = token_in(letter(cloud, guest["email"]))
    closed = anonymous.call("POST", "/auth/sign-up", {**guest, "name": "Grace"})
    assert (closed.status_code, closed.json()["code"]) == (403, "sign_up_closed")
    anonymous.post("/auth/sign-up", {**guest, "name": "Grace", "invitation": invitation})

    def let_in() -> Json | None:
        answer = anonymous.call("POST", "/auth/login", guest)
        return dict(answer.json()) if answer.ok else None

    here = anonymous.signed_in(until(let_in, 60)["access_token"])
    made = here.post("/me/factors/totp")
    here.post("/me/factors/totp/confirm", {"code": pyotp.TOTP(made["secret"]).now()})
    half = until(let_in, 60)
    assert half["access_token"] is None
    assert "totp" in half["challenge"]["methods"]
    assert made["secret"] not in sealed_secret(cloud, made["id"])


def sealed_secret(cloud: Cloud, factor: str) -> str:
    """The row of a factor as a copy of the table shows it."""
    table = cloud.deployment.client("dynamodb")
    pages = table.get_paginator("scan").paginate(TableName=cloud.names.name("core"))
    (row,) = (
        item for page in pages for item in page["Items"] if item["sk"]["S"] == f"FACTOR#{factor}"
    )
    return repr(row)


def test_a_change_stands_in_the_log_chained_and_signed(cloud: Cloud, api: Api, team: str) -> None:
    name = f"Team {secrets.token_hex(3)}"
    assert api.call("PATCH", f"/teams/{team}", {"name": name}).status_code == 200
    newest = entries(api, team, "teams.update_team")[0]
    assert newest["after"]["name"] == name
    assert newest["actor"]["ip"]
    cloud.invoke("sign-logs", {"schedule": "sign-logs"})
    report = api.get(f"/teams/{team}/audit/verify")
    assert report["ok"] is True, report
    exported = api.call("GET", f"/teams/{team}/audit/export", params={"format": "csv"})
    assert exported.headers["Content-Type"].startswith("text/csv")
    assert name in exported.text


def test_without_the_right_to_add_nothing_is_changed(cloud: Cloud, api: Api, team: str) -> None:
    before = api.get(f"/teams/{team}")["name"]
    with cloud.without("api", "dynamodb:PutItem", "-events"):
        answer = api.call("PATCH", f"/teams/{team}", {"name": "Unseen"})
    assert answer.status_code >= 500
    assert api.get(f"/teams/{team}")["name"] == before


def test_what_the_api_may_do_to_an_entry_is_to_add_it(cloud: Cloud, api: Api, team: str) -> None:
    """IAM has no leading keys here, so somebody gets what the API may do to `AUDIT#`."""
    assert entries(api, team, "teams.update_team")
    over = [s for s in cloud.rights("api") if "AUDIT#*" in json.dumps(s.get("Condition", {}))]
    actions = sorted({action for statement in over for action in _listed(statement["Action"])})
    assert actions == ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    keys = user(
        cloud.account,
        cloud.names.of.region,
        f"log-{secrets.token_hex(3)}",
        allow(actions, cloud.names.table_arn("events")),
    )
    table: Any = cloud.deployment.client("dynamodb", keys=keys)
    name = cloud.names.name("events")
    found = table.query(
        TableName=name,
        KeyConditionExpression="pk = :log",
        ExpressionAttributeValues={":log": {"S": f"AUDIT#{team}"}},
        Limit=1,
    )["Items"][0]
    key = {"pk": found["pk"], "sk": found["sk"]}
    for attempt in (
        lambda: table.delete_item(TableName=name, Key=key),
        lambda: table.update_item(TableName=name, Key=key, UpdateExpression="REMOVE body"),
        lambda: table.batch_write_item(RequestItems={name: [{"DeleteRequest": {"Key": key}}]}),
        lambda: table.execute_statement(
            Statement=f'DELETE FROM "{name}" WHERE pk = ? AND sk = ?',
            Parameters=[key["pk"], key["sk"]],
        ),
    ):
        with pytest.raises(ClientError) as fault:
            attempt()
        assert "AccessDenied" in fault.value.response["Error"]["Code"]
    assert table.get_item(TableName=name, Key=key)["Item"] == found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
