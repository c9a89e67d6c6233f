"""The console's stack: its policy and its addresses."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from adapters.local.gateway import console as local
from cdk.console_stack import ROUTES
from tests.infra.stacks import Stacks


def distribution(made: Stacks) -> dict[str, Any]:
    (found,) = made.every("AWS::CloudFront::Distribution", "console")
    config: dict[str, Any] = found["DistributionConfig"]
    return config


def directives(made: Stacks) -> dict[str, str]:
    (policy,) = made.every("AWS::CloudFront::ResponseHeadersPolicy", "console")
    security = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    written = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    text = "".join(
        part if isinstance(part, str) else f"<{part['Ref']}>" for part in written["Fn::Join"][1]
    )
    return {name: rest for name, _, rest in (part.partition(" ") for part in text.split("; "))}


def test_the_bucket_is_served_to_cloudfront_alone(made: Stacks) -> None:
    names = made.names
    config = distribution(made)
    (origin,) = config["Origins"]
    assert origin["DomainName"] == f"{names.bucket('console')}.s3.{names.of.region}.amazonaws.com"
    assert "OriginAccessControlId" in origin
    behavior = config["DefaultCacheBehavior"]
    assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
    assert set(behavior["AllowedMethods"]) == {"GET", "HEAD"}
    assert config["DefaultRootObject"] == "landing.html"


def test_the_console_is_of_another_site_than_the_sites(made: Stacks) -> None:
    config = distribution(made)
    assert "Aliases" not in config
    assert config["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}


def test_the_policy_allows_its_own_files_and_this_installation(made: Stacks) -> None:
    found = directives(made)
    assert found["default-src"] == "'none'"
    for name in ("script-src", "style-src", "font-src", "manifest-src"):
        assert found[name] == "'self'"
    for name in ("base-uri", "form-action", "frame-ancestors"):
        assert found[name] == "'none'"
    own, api, live, *stores = found["connect-src"].split()
    assert own == "'self'"
    assert re.fullmatch(r"<SsmParameterValue\w*apiurl\w*>/", api)
    assert re.fullmatch(r"<SsmParameterValue\w*liveurl\w*>", live)
    host = f"s3.{made.names.of.region}.amazonaws.com"
    assert stores == [
        f"https://{made.names.bucket(bucket)}.{host}" for bucket in ("sites", "sources")
    ]
    assert found.pop("frame-src") == f"https://*.{made.names.of.domain}"
    assert "unsafe" not in json.dumps(found)
    assert "*" not in json.dumps(found)


def test_no_page_of_strangers_may_frame_or_open_it(made: Stacks) -> None:
    (policy,) = made.every("AWS::CloudFront::ResponseHeadersPolicy", "console")
    config = policy["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    assert security["FrameOptions"]["FrameOption"] == "DENY"
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
    assert security["ContentTypeOptions"] == {"Override": True}
    custom = {item["Header"]: item["Value"] for item in config["CustomHeadersConfig"]["Items"]}
    assert custom["Cross-Origin-Opener-Policy"] == "same-origin"


def test_its_address_is_told(made: Stacks) -> None:
    parameters = made.named("AWS::SSM::Parameter", "Name", "console")
    told = parameters[made.names.parameter_name("console-url")]["Value"]
    assert told == made.templates["console"]["Outputs"]["ConsoleUrl"]["Value"]
    assert told["Fn::Join"][1][0] == "https://"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/", "/landing.html"),
        ("/home", "/index.html"),
        ("/projects/prj_1/deployments", "/index.html"),
        ("/projects/a/domains/www.example.com", "/index.html"),
        ("/console.js", "/console.js"),
        ("/assets/index-4f.css", "/assets/index-4f.css"),
        ("/app/views/sign-in.js", "/app/views/sign-in.js"),
        ("/absent.map", "/absent.map"),
        ("/docs/", "/docs/index.html"),
        ("/docs/cli/", "/docs/cli/index.html"),
        ("/docs/stylesheets/deck.css", "/docs/stylesheets/deck.css"),
        ("/docsets/", "/index.html"),
        ("/teams/docs/", "/index.html"),
    ],
)
def test_every_address_without_a_file_is_a_page(asked: str, given: str) -> None:
    assert routed(asked) == {"uri": given}


@pytest.mark.parametrize("asked", ["/docs", "/docs/cli", "/docs//evil"])
def test_a_folder_has_a_slash_because_its_links_are_relative(asked: str) -> None:
    answer = routed(asked)
    assert answer["statusCode"] == 308
    assert answer["headers"] == {"location": {"value": f"{asked}/"}}


def routed(uri: str) -> dict[str, Any]:
    """What the function makes of an address."""
    script = (
        f"{ROUTES}; console.log(JSON.stringify(handler({{request: {{uri: {json.dumps(uri)}}}}})))"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_what_is_not_there_is_not_found(made: Stacks) -> None:
    """The bucket says 403; of an address of the documentation that is none, the console speaks."""
    answers = distribution(made)["CustomErrorResponses"]
    assert {(one["ErrorCode"], one["ResponseCode"]) for one in answers} == {(403, 404), (404, 404)}
    assert {one["ResponsePagePath"] for one in answers} == {"/index.html"}


def test_the_laptop_has_the_same_policy(made: Stacks) -> None:
    here = dict(
        part.strip().partition(" ")[::2]
        for part in local.policy("<reach>", f"https://*.{made.names.of.domain}").split(";")
    )
    there = directives(made)
    reach = there.pop("connect-src").split()
    assert here.pop("connect-src").split() == [reach[0], "<reach>"]
    assert here == there
