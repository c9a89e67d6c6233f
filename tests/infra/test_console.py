"""The console's stack: its policy, its addresses, and how its pages get there."""

from __future__ import annotations

import gzip
import io
import json
import posixpath
import re
import runpy
import subprocess
import sys
import types
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from adapters.local.gateway import console as local
from cdk.console_stack import ROUTES
from cdk.package import Target
from cdk.package import pages as packages
from tests.infra.stacks import Stacks

CHECKOUT = Path(__file__).resolve().parents[2]
CONSOLE = CHECKOUT / "console"
BUILT = CONSOLE / "dist"
"""What `tools/setup dev` makes of it."""


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


def test_pages_are_unpacked_by_who_may_write_there_and_nowhere_else(made: Stacks) -> None:
    (placed,) = made.every("Custom::Pages", "console")
    assert placed["bucket"] == made.names.bucket("console")
    policies = [
        policy
        for policy in made.every("AWS::IAM::Policy", "console")
        if "pagesunpacker" in policy["PolicyName"]
    ]
    (policy,) = policies
    allowed = {
        statement["Action"]: json.dumps(statement["Resource"])
        for statement in policy["PolicyDocument"]["Statement"]
    }
    assert set(allowed) == {"s3:GetObject", "s3:PutObject"}
    assert allowed["s3:PutObject"] == json.dumps(f"{made.names.bucket_arn('console')}/*")
    assert placed["from_key"] in allowed["s3:GetObject"]


PACKED = {
    "assets/": "",
    "assets/a-1.js": "text/javascript; charset=utf-8",
    "assets/inter.woff2": "font/woff2",
    "console.css": "text/css; charset=utf-8",
    "docs/index.html": "text/html; charset=utf-8",
    "docs/search.json": "application/json",
    "docs/sitemap.xml": "application/xml",
    "icon-192.png": "image/png",
    "icon.svg": "image/svg+xml",
    "index.html": "text/html; charset=utf-8",
    "manifest.webmanifest": "application/manifest+json",
    "robots.txt": "text/plain; charset=utf-8",
    "sw.js": "text/javascript; charset=utf-8",
    "x.bin": "application/octet-stream",
}


def test_a_package_becomes_files_with_their_types_and_the_page_comes_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in PACKED:
            archive.writestr(name, name)
    put: list[dict[str, Any]] = []

    class S3:
        def get_object(self, **asked: str) -> dict[str, Any]:
            assert asked == {"Bucket": "assets", "Key": "a.zip"}
            return {"Body": io.BytesIO(packed.getvalue())}

        def put_object(self, **asked: Any) -> None:
            put.append(asked)

    monkeypatch.setitem(sys.modules, "boto3", types.SimpleNamespace(client=lambda _: S3()))
    pages = runpy.run_path(str(CHECKOUT / "cdk" / "provider" / "resource.py"))["pages"]
    answer = pages(
        {"from_bucket": "assets", "from_key": "a.zip", "bucket": "b", "config": '{"api":"x"}'}
    )
    assert answer == {"files": len(PACKED)}, "a folder is none, config.json is one more"
    assert {each["Key"] for each in put[-2:]} == {"index.html", "sw.js"}
    by_key = {each["Key"]: each for each in put}
    assert by_key.pop("config.json") == {
        "Bucket": "b",
        "Key": "config.json",
        "Body": b'{"api":"x"}',
        "ContentType": "application/json",
        "CacheControl": "no-cache",
    }
    assert {key: each["ContentType"] for key, each in by_key.items()} == {
        name: kind for name, kind in PACKED.items() if kind
    }
    kept = {key for key, each in by_key.items() if each["CacheControl"] != "no-cache"}
    assert kept == {"assets/a-1.js", "assets/inter.woff2"}
    assert "immutable" in by_key["assets/a-1.js"]["CacheControl"]


def test_a_file_that_could_not_be_written_fails_the_deployment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in PACKED:
            archive.writestr(name, name)
    put = []

    class S3:
        def get_object(self, **_: str) -> dict[str, Any]:
            return {"Body": io.BytesIO(packed.getvalue())}

        def put_object(self, **asked: Any) -> None:
            if asked["Key"] == "icon.svg":
                raise OSError("no room")
            put.append(asked["Key"])

    monkeypatch.setitem(sys.modules, "boto3", types.SimpleNamespace(client=lambda _: S3()))
    pages = runpy.run_path(str(CHECKOUT / "cdk" / "provider" / "resource.py"))["pages"]
    with pytest.raises(OSError, match="no room"):
        pages({"from_bucket": "a", "from_key": "a.zip", "bucket": "b", "config": "{}"})
    assert not {"index.html", "sw.js"} & set(put)


def test_every_file_of_the_build_is_something_to_a_browser() -> None:
    told = runpy.run_path(str(CHECKOUT / "cdk" / "provider" / "resource.py"))["content_type"]
    files = [path for path in BUILT.rglob("*") if path.is_file() and path.name[0] != "."]
    assert len(files) > 50
    for path in files:
        kind = told(path.name)
        assert kind != "application/octet-stream", path
        assert local._TYPES.get(path.suffix) == kind, path


def test_every_part_of_the_console_is_packed_unpacked_and_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the folder to the bucket: what a script imports lies where the script looks for it."""
    packages.console(tmp_path / "console", Target("3.13", "arm64"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((tmp_path / "console").rglob("*")):
            archive.write(path, path.relative_to(tmp_path / "console").as_posix())
    bucket: dict[str, dict[str, Any]] = {}

    class S3:
        def get_object(self, **_: str) -> dict[str, Any]:
            return {"Body": io.BytesIO(packed.getvalue())}

        def put_object(self, **asked: Any) -> None:
            bucket[asked["Key"]] = asked

    monkeypatch.setitem(sys.modules, "boto3", types.SimpleNamespace(client=lambda _: S3()))
    pages = runpy.run_path(str(CHECKOUT / "cdk" / "provider" / "resource.py"))["pages"]
    pages({"from_bucket": "assets", "from_key": "a.zip", "bucket": "b", "config": "{}"})
    scripts = {name: put for name, put in bucket.items() if name.endswith(".js")}
    assert any(name.startswith("assets/") for name in scripts)
    imported = set()
    for name, put in scripts.items():
        assert put["ContentType"] == "text/javascript; charset=utf-8"
        for asked in re.findall(r"""(?:from|import)\(?\s*[`'"](\.[^`'"]+)""", put["Body"].decode()):
            found = posixpath.normpath(posixpath.join("/", posixpath.dirname(name), asked))
            imported.add(found.strip("/"))
    assert imported
    assert imported <= set(bucket)


# --- the page ----------------------------------------------------------------------------------


class Found(HTMLParser):
    """What a page asks for, and what a strict policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.files: set[str] = set()
        self.refused: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.files |= {
            str(given[name])
            for name in ("src", "href")
            if given.get(name) and tag in {"img", "link", "script"}
        }
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]
        self._in_script = tag in {"script", "style"} and not given.get("src")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.refused.append(data)


def test_the_pages_keep_to_the_policy_and_find_their_files() -> None:
    pages = sorted(BUILT.glob("*.html"))
    assert pages
    for page in pages:
        found = Found()
        found.feed(page.read_text())
        assert found.refused == [], page
        assert any(name.startswith("/assets/") and name.endswith(".js") for name in found.files)
        for name in found.files:
            assert (BUILT / name.strip("/")).is_file(), f"{page} asks for {name}"


def test_the_first_page_is_small() -> None:
    page = Found()
    page.feed((BUILT / "index.html").read_text())
    scripts = [name for name in page.files if name.endswith(".js")]
    packed = [len(gzip.compress((BUILT / name.strip("/")).read_bytes())) for name in scripts]
    assert 50_000 < sum(packed) < 300_000


def test_no_source_writes_html_that_it_was_given() -> None:
    for script in (CONSOLE / "src").rglob("*.ts*"):
        if script.name != "schema.d.ts":
            text = script.read_text()
            for word in ("innerHTML", "dangerouslySetInnerHTML", "eval(", "document.write"):
                assert word not in text, f"{script}: {word}"


def _places() -> set[str]:
    """The addresses in the console's table of routes."""
    table = (CONSOLE / "src" / "routes.tsx").read_text()
    return set(re.findall(r"(?:doors|inside)\('(/[^']*)'", table))


def test_every_link_of_the_navigation_leads_to_a_page() -> None:
    text = (CONSOLE / "src" / "shell" / "navigation.ts").read_text()
    linked = set(re.findall(r"to: [`'](/[^`']*)", text))
    assert len(linked) > 20
    assert {re.sub(r"\$\{(\w+)\}", r"$\1", name) for name in linked} <= _places()


def test_letters_lead_to_pages_of_the_console() -> None:
    """What the API writes into its mails and answers stands in the table of pages."""
    pages = _places()
    written = {
        name
        for path in (CHECKOUT / "chalicelib").rglob("*.py")
        for name in re.findall(r"/#(/[\w-]+)", path.read_text())
    }
    assert {"/invitations", "/device"} <= written
    assert written <= pages


def test_the_commands_on_its_pages_are_some_that_deck_knows() -> None:
    from typer.testing import CliRunner

    from cli.app import app as deck

    sources = [*(CONSOLE / "src").rglob("*.tsx"), *(CONSOLE / "src").rglob("*.ts")]
    found = {
        command
        for path in sources
        for command in re.findall(r"[`'>\"]deck ([^`'\"<\n]+)[`'\"<]", path.read_text())
        if not command.endswith(".")  # a sentence about it
    }
    assert any(command.startswith("login --api") for command in found)
    for command in sorted(found):
        words = [word for word in command.split() if "$" not in word and "{" not in word]
        if words[-1].startswith("--"):
            words.pop()  # its value was in the braces
        done = CliRunner().invoke(deck, [*words, "--help"])
        assert done.exit_code == 0, f"deck {command}: {done.output}"
