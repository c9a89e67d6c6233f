"""The API's stack: its addresses, its functions and its stages."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

import app  # noqa: F401  # registers the routes
from cdk import access_log
from cdk.chalice_app import stage_app
from cdk.live_api import ROUTES
from cdk.rest_api import LIMITS
from chalicelib.core.config import _ENVIRONMENT, Settings, read
from chalicelib.core.http import TABLE
from chalicelib.resources import API_LAYERS
from tests.infra.rest_api import API, CHECKOUT, functions, rest, stage, text_of
from tests.infra.stacks import Stacks, installation


def variables(made: Stacks) -> dict[str, str]:
    """The environment of the API when AWS has given its ids."""
    found = functions(made)[made.names.name("api")]["Environment"]["Variables"]
    return {name: text_of(value, RestAPI="abc123", live="ws456") for name, value in found.items()}


def test_every_route_is_there_with_its_methods_and_none_twice(made: Stacks) -> None:
    described = {
        (method.upper(), path)
        for path, methods in rest(made)["Body"]["paths"].items()
        for method in methods
        if method != "options"
    }
    assert described == {(route.method, route.path) for route in TABLE}
    assert all(path.startswith("/v1/") for _, path in described)


def test_the_api_keeps_to_what_a_rest_api_may_be(made: Stacks) -> None:
    """At most 300 resources in a new account, and one parameter beside its neighbours."""
    below: dict[str, set[str]] = {}
    for path in rest(made)["Body"]["paths"]:
        parts = path.strip("/").split("/")
        for depth, part in enumerate(parts):
            below.setdefault("/".join(parts[:depth]), set()).add(part)
    assert sum(map(len, below.values())) < 300
    for parent, names in below.items():
        assert len([name for name in names if name.startswith("{")]) <= 1, parent


def test_the_stage_is_said_once_in_every_address(made: Stacks) -> None:
    region = made.names.of.region
    assert stage(made)["StageName"] == "api"
    found = variables(made)
    assert found["CLOUDDECK_API"] == f"https://abc123.execute-api.{region}.amazonaws.com/api"
    assert found["CLOUDDECK_LIVE"] == f"wss://ws456.execute-api.{region}.amazonaws.com/live"
    assert found["CLOUDDECK_CONNECTIONS"] == (
        f"https://ws456.execute-api.{region}.amazonaws.com/live"
    )
    outputs = made.templates["api"]["Outputs"]
    assert text_of(outputs["ApiUrl"]["Value"], RestAPI="abc123") == found["CLOUDDECK_API"]


def test_an_address_with_a_path_is_good_for_deck_the_agent_and_tokens(
    monkeypatch: pytest.MonkeyPatch, services: Any
) -> None:
    from chalicelib.core import ids
    from chalicelib.core.errors import Unauthenticated
    from chalicelib.identity.actions import tokens
    from cli.config import normal_api
    from runner import wire

    assert normal_api(API + "/") == API == normal_api(API + "/v1")
    asked = wire.parse(f"{API}/v1/runner/claim")
    assert (asked.host, asked.target) == (
        "abc123.execute-api.us-east-1.amazonaws.com",
        "/api/v1/runner/claim",
    )
    monkeypatch.setattr(tokens, "settings", lambda: Settings(api_url=API))
    user, session = ids.new("usr"), ids.new("ses")
    token = tokens.issue(user, session)
    assert tokens.read(token) == tokens.Claims(user, session)
    monkeypatch.setattr(tokens, "settings", lambda: Settings(api_url=API.removesuffix("/api")))
    with pytest.raises(Unauthenticated):
        tokens.read(token)


def test_messages_to_connections_go_below_the_stage() -> None:
    from chalicelib.clouds.aws.live import ApiGatewayLive

    sent: list[str] = []
    live = ApiGatewayLive("https://ws456.execute-api.us-east-1.amazonaws.com/live")
    live._client.meta.events.register(
        "before-send.apigatewaymanagementapi.*",
        lambda request, **_: sent.append(request.url) or _ok(),
    )
    assert live.send("con=1", {"type": "log"})
    assert sent == ["https://ws456.execute-api.us-east-1.amazonaws.com/live/@connections/con%3D1"]


def _ok() -> Any:
    from botocore.awsrequest import AWSResponse

    class Raw:
        def stream(self, **_: Any) -> Any:
            return iter((b"",))

    return AWSResponse("", 200, {}, Raw())


def test_the_api_knows_its_own_address_without_a_circle(made: Stacks) -> None:
    body = rest(made)["Body"]
    assert not re.search(r'"(Ref|Fn::[A-Za-z]+)":', json.dumps(body))
    arn = made.names.function_arn("api")
    called = {
        method["x-amazon-apigateway-integration"]["uri"]
        for methods in body["paths"].values()
        for name, method in methods.items()
        if name != "options"
    }
    region = made.names.of.region
    assert called == {
        f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    }
    Template.from_json(made.templates["api"])


def test_a_reference_to_the_function_would_close_the_circle(made: Stacks) -> None:
    template = copy.deepcopy(made.templates["api"])
    (logical,) = [
        name
        for name, resource in template["Resources"].items()
        if resource.get("Properties", {}).get("FunctionName") == made.names.name("api")
        and resource["Type"] == "AWS::Lambda::Function"
    ]
    paths = template["Resources"]["RestAPI"]["Properties"]["Body"]["paths"]
    integration = paths["/v1/health"]["get"]["x-amazon-apigateway-integration"]
    integration["uri"] = {"Fn::Sub": f"${{{logical}.Arn}}"}
    with pytest.raises(RuntimeError, match="cycl"):
        Template.from_json(template)


def test_the_function_is_of_the_installation_and_not_of_who_synthesizes(made: Stacks) -> None:
    found = functions(made)[made.names.name("api")]
    assert found["Runtime"] == "python3.13"
    assert found["Architectures"] == ["arm64"]
    assert (found["Handler"], found["Timeout"], found["MemorySize"]) == ("app.app", 29, 1024)
    assert len(found["Layers"]) == len(API_LAYERS)
    template = made.templates["api"]["Resources"]
    role = template[found["Role"]["Fn::GetAtt"][0]]
    assert role["Properties"]["RoleName"] == made.names.name("api")


def test_every_variable_is_one_that_the_product_reads(made: Stacks) -> None:
    found = variables(made)
    read_by_it = read(found)
    assert read_by_it.cloud == "aws"
    assert read_by_it.api_url == found["CLOUDDECK_API"]
    assert read_by_it.site_url("shop") == "https://shop.example.com"
    assert read_by_it.runner_key.startswith("runner/")
    assert "CLOUDDECK_EDGE_ORIGIN" not in found
    pages = (CHECKOUT / "docs" / "operate.md").read_text()
    ours = {name for name in found if name.startswith("CLOUDDECK_")}
    assert ours <= set(_ENVIRONMENT)
    assert {name for name in ours if f"`{name}`" not in pages} == set()


def test_the_package_is_our_code_and_chalices_runtime(made: Stacks) -> None:
    code = functions(made)[made.names.name("api")]["Code"]
    with zipfile.ZipFile(made.folder / f"asset.{code['S3Key']}") as packed:
        names = set(packed.namelist())
    assert {"app.py", "chalice/app.py", "chalicelib/wiring.py"} <= names
    data = CHECKOUT / "chalicelib" / "builds" / "frameworks"
    ours = {f"chalicelib/builds/frameworks/{path.name}" for path in data.glob("*.json")}
    assert ours
    assert ours <= names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"app.py", "chalice", "chalicelib"}
    assert not any(name.endswith(".pyc") for name in names)


def test_of_bytecode_only_the_packagers_goes_along(tmp_path: Path) -> None:
    source = tmp_path / "source"
    cache = source / "chalicelib" / "__pycache__"
    cache.mkdir(parents=True)
    (source / "app.py").write_text("app = 1\n")
    magic = importlib.util.MAGIC_NUMBER
    (cache / "by_time.cpython-313.pyc").write_bytes(magic + bytes(4) + b"\x01" * 8)
    (cache / "by_hash.cpython-313.pyc").write_bytes(magic + b"\x01\0\0\0" + bytes(8))
    stage_app(source, tmp_path / "staged", Stacks(_names(), {}, tmp_path).names)
    kept = [path.name for path in (tmp_path / "staged").rglob("*.pyc")]
    assert kept == ["by_hash.cpython-313.pyc"]
    assert (tmp_path / "staged" / "requirements.txt").read_text() == ""


def _names() -> Any:
    from cdk.names import Names

    return Names(installation("hobby"))


def test_only_this_api_may_call_its_functions(made: Stacks) -> None:
    account, region = made.names.of.account, made.names.of.region
    sources = {
        text_of(permission["SourceArn"], RestAPI="abc123", live="ws456")
        for permission in made.every("AWS::Lambda::Permission", "api")
        if permission["Principal"] == "apigateway.amazonaws.com"
    }
    at = f"arn:aws:execute-api:{region}:{account}"
    assert sources == {
        f"{at}:abc123/api/*",
        *(f"{at}:ws456/live/{route}" for route in ("$connect", "$default", "$disconnect")),
    }
    assert len(made.every("AWS::Lambda::Permission", "api")) == 4


def test_the_rest_api_is_regional_and_takes_no_old_tls(made: Stacks) -> None:
    found = rest(made)
    assert found["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert found["SecurityPolicy"].startswith("SecurityPolicy_TLS13_1_2")
    assert found["EndpointAccessMode"] == "STRICT"
    assert "x-amazon-apigateway-binary-media-types" not in found["Body"]


def test_stages_have_the_limits_of_the_profile(made: Stacks) -> None:
    rate, burst = LIMITS[made.profile]
    (settings,) = stage(made)["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (rate, burst)
    (live,) = made.every("AWS::ApiGatewayV2::Stage")
    routes = live["DefaultRouteSettings"]
    assert (routes["ThrottlingRateLimit"], routes["ThrottlingBurstLimit"]) == (rate, burst)
    assert LIMITS["hobby"] < LIMITS["standard"] < LIMITS["production"]


def test_traces_and_the_firewall_are_productions(made: Stacks) -> None:
    production = made.profile == "production"
    assert stage(made)["TracingEnabled"] is production
    acls = made.every("AWS::WAFv2::WebACL", "api")
    assert len(acls) == len(made.every("AWS::WAFv2::WebACLAssociation", "api")) == production
    for acl in acls:
        assert acl["Scope"] == "REGIONAL"
        rate, common = sorted(acl["Rules"], key=lambda rule: rule["Priority"])
        assert rate["Action"] == {"Block": {}}
        assert rate["Statement"]["RateBasedStatement"]["AggregateKeyType"] == "IP"
        group = common["Statement"]["ManagedRuleGroupStatement"]
        counted = {override["Name"] for override in group["RuleActionOverrides"]}
        # a list of files or a build log is larger than 8 KB and may say anything
        assert {"SizeRestrictions_BODY", "CrossSiteScripting_BODY"} <= counted
        # and what an identity provider sends a browser back with is longer than 2 KB
        assert "SizeRestrictions_QUERYSTRING" in counted


def test_no_log_of_the_gateway_holds_a_token(made: Stacks) -> None:
    (live,) = made.every("AWS::ApiGatewayV2::Stage")
    formats = [stage(made)["AccessLogSetting"]["Format"], live["AccessLogSettings"]["Format"]]
    assert formats == [access_log.line(access_log.REST), access_log.line(access_log.LIVE)]
    for line in formats:
        fields = json.loads(line)
        assert {"request_id", "status", "ip"} <= set(fields)
        assert all(value.startswith("$context.") for value in fields.values())
        said = " ".join(fields.values()).lower()
        # a path holds no secret, but what stands in it is not ours to know: the route is enough
        for word in ("querystring", "authoriz", "header", "body", "context.path", "input"):
            assert word not in said
    (settings,) = stage(made)["MethodSettings"]
    assert (settings["DataTraceEnabled"], settings["LoggingLevel"]) == (False, "ERROR")
    # its own log would show the query of `$connect`, where the token is
    assert live["DefaultRouteSettings"]["LoggingLevel"] == "OFF"
    assert live["DefaultRouteSettings"]["DataTraceEnabled"] is False


def test_another_body_is_another_deployment(made: Stacks) -> None:
    ((logical, deployed),) = made.found("AWS::ApiGateway::Deployment")
    digest = deployed["Properties"]["Description"]
    assert logical == f"api/deployment{digest[:16]}"
    assert stage(made)["DeploymentId"] == {"Ref": logical.removeprefix("api/")}


def test_the_websocket_has_three_routes_and_a_function_each(made: Stacks) -> None:
    routes = made.named("AWS::ApiGatewayV2::Route", "RouteKey")
    assert set(routes) == set(ROUTES) == {"$connect", "$default", "$disconnect"}
    template = made.templates["api"]["Resources"]
    for key, name in ROUTES.items():
        integration = re.search(r"Ref': '(\w+)", str(routes[key]["Target"]))
        assert integration
        uri = json.dumps(template[integration[1]]["Properties"]["IntegrationUri"])
        called = re.search(r'"Fn::GetAtt": \["(\w+)"', uri)
        assert called
        assert template[called[1]]["Properties"]["FunctionName"] == made.names.name(name)
