"""Every form of address a build may try, and the answer it gets."""

import pytest

from adapters.local.slots.egress_rules import (
    Forward,
    Origin,
    Policy,
    Refusal,
    Tunnel,
    forwarded_headers,
    judge_connect,
    judge_forward,
    public,
)

POLICY = Policy(
    hosts=frozenset({"packages.example.org", "files.example.net", ".mirror.example"}),
    api=Origin.of("http://localhost:8080"),
    store=Origin.of("http://127.0.0.1:8083"),
    buckets=frozenset({"data", "more"}),
)
SIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=KEY%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=ab12"
)

CONNECT_ALLOWED = [
    "packages.example.org:443",
    "PACKAGES.example.ORG:443",
    "packages.example.org.:443",
    "files.example.net:443",
    "a.mirror.example:443",
    "a.b.mirror.example:443",
]
CONNECT_REFUSED = [
    "packages.example.org",
    "packages.example.org:80",
    "packages.example.org:22",
    "packages.example.org:0443",
    "packages.example.org:443:443",
    "packages.example.org:",
    ":443",
    ".:443",
    "packages.example.org..:443",
    "packages.example.org.evil.example:443",
    "evilpackages.example.org:443",
    "evil-packages.example.org:443",
    "sub.packages.example.org:443",
    "example.org:443",
    "mirror.example:443",
    "xmirror.example:443",
    "mirror.example.evil:443",
    "packages.example.org@evil.example:443",
    "evil.example@packages.example.org:443",
    "evil.example#packages.example.org:443",
    "evil.example/packages.example.org:443",
    "packages.example.org/x:443",
    "packages.example.org%00.evil:443",
    "packages.example.org\x00:443",
    "packages.example.org :443",
    " packages.example.org:443",
    "packages%2eexample.org:443",
    "p\u0430ckages.example.org:443",
    "packages。example。org:443",
    "localhost:443",
    "localhost:8080",
    "127.0.0.1:443",
    "127.1:443",
    "2130706433:443",
    "0x7f000001:443",
    "0177.0.0.1:443",
    "0:443",
    "0.0.0.0:443",
    "169.254.169.254:443",
    "169.254.169.254:80",
    "169.254.170.2:443",
    "metadata.google.internal:443",
    "instance-data:443",
    "10.0.0.1:443",
    "172.16.0.1:443",
    "192.168.1.1:443",
    "100.64.0.1:443",
    "[::1]:443",
    "[::]:443",
    "[::ffff:127.0.0.1]:443",
    "[::ffff:169.254.169.254]:443",
    "[fd00:ec2::254]:443",
    "[fe80::1%25eth0]:443",
    "::1:443",
    "1.1.1.1:443",
    "8.8.8.8:53",
    "http://packages.example.org:443",
    "*.mirror.example:443",
    "-.mirror.example:-443",
    f"{'a' * 260}.mirror.example:443",
]
FORWARD_ALLOWED = [
    ("POST", "http://localhost:8080/v1/runner/claim"),
    ("POST", "http://127.0.0.1:8080/v1/runner/logs"),
    ("POST", "http://[::1]:8080/v1/runner/fail"),
    ("POST", "http://LOCALHOST:8080/v1/runner/missing"),
    ("GET", f"http://127.0.0.1:8083/data/source.tar.gz?{SIGNED}"),
    ("PUT", f"http://127.0.0.1:8083/data/blobs/t/ab?{SIGNED}"),
    ("PUT", f"http://localhost:8083/data/blobs/t/ab?{SIGNED}&x-id=PutObject"),
    ("HEAD", f"http://localhost:8083/data/x?{SIGNED}"),
    ("GET", f"http://localhost:8083/more/sources/prj_1/ab.tar.gz?{SIGNED}"),
    ("PUT", f"http://localhost:8083/data/x?{SIGNED}&partNumber=1&uploadId=u"),
    ("GET", f"http://localhost:8083/data/a%20b/%C3%A9?{SIGNED}&response-content-type=a"),
]
FORWARD_REFUSED = [
    ("GET", "http://localhost:8080/v1/runner/claim"),
    ("PUT", "http://localhost:8080/v1/runner/claim"),
    ("OPTIONS", "http://localhost:8080/v1/runner/claim"),
    ("POST", "http://localhost:8080/v1/runner/"),
    ("POST", "http://localhost:8080/v1/runner"),
    ("POST", "http://localhost:8080/v1/runner/../hooks/git"),
    ("POST", "http://localhost:8080/v1/runner/%2e%2e/hooks"),
    ("POST", "http://localhost:8080/v1/runner/..%2fhooks"),
    ("POST", "http://localhost:8080/v1/runner/claim/../../teams"),
    ("POST", "http://localhost:8080/v1/runner//claim"),
    ("POST", "http://localhost:8080//v1/runner/claim"),
    ("POST", "http://localhost:8080/v1/runner/claim%0d%0aX:1"),
    ("POST", "http://localhost:8080/v1/runner/claim;x"),
    ("POST", "http://localhost:8080/v1/runner/claim#x"),
    ("POST", "http://localhost:8080\\@evil/v1/runner/claim"),
    ("POST", "http://localhost:8080/v1/hooks/git"),
    ("POST", "http://localhost:8080/v1/projects"),
    ("GET", "http://localhost:8080/"),
    ("POST", "http://localhost:8081/v1/runner/claim"),
    ("POST", "http://localhost:8082/v1/runner/claim"),
    ("POST", "http://localhost:8084/builds"),
    ("POST", "http://localhost/v1/runner/claim"),
    ("POST", "http://user@localhost:8080/v1/runner/claim"),
    ("POST", "http://localhost:8080@evil.example/v1/runner/claim"),
    ("POST", "http://localhost.evil.example:8080/v1/runner/claim"),
    ("POST", "http://127.0.0.2:8080/v1/runner/claim"),
    ("POST", "http://0x7f000001:8080/v1/runner/claim"),
    ("POST", "https://localhost:8080/v1/runner/claim"),
    ("POST", "/v1/runner/claim"),
    ("POST", "localhost:8080"),
    ("POST", "*"),
    ("GET", "ftp://localhost:8080/v1/runner/claim"),
    ("GET", "http://169.254.169.254/latest/meta-data/"),
    ("PUT", "http://169.254.169.254/latest/api/token"),
    ("GET", "http://packages.example.org/simple/"),
    ("GET", "http://packages.example.org:443/simple/"),
    ("GET", "http://localhost:8083/data/x"),
    ("PUT", "http://localhost:8083/data/x"),
    ("PUT", "http://localhost:8083/data/x?X-Amz-Signature="),
    ("PUT", "http://localhost:8083/data/x?x-amz-signature=ab"),
    ("PUT", "http://localhost:8083/data/x?X-Amz-Signature=ab"),
    ("POST", f"http://localhost:8083/data/x?{SIGNED}"),
    ("DELETE", f"http://localhost:8083/data/x?{SIGNED}"),
    ("GET", f"http://localhost:8083/?{SIGNED}"),
    ("GET", f"http://localhost:8083/data?{SIGNED}"),
    ("GET", f"http://localhost:8083/data/?{SIGNED}"),
    ("GET", f"http://localhost:8083/_ministack/reset?{SIGNED}"),
    ("GET", f"http://localhost:8083//_ministack/reset?{SIGNED}"),
    ("GET", f"http://localhost:8083/%5fministack/reset?{SIGNED}"),
    ("GET", f"http://localhost:8083/_aws/execute-api/x?{SIGNED}"),
    ("GET", f"http://localhost:8083/data/../_ministack/reset?{SIGNED}"),
    ("GET", f"http://localhost:8083/data/%2e%2e/_ministack/reset?{SIGNED}"),
    ("GET", f"http://localhost:8083/data/%252e%252e/x?{SIGNED}"),
    ("GET", f"http://localhost:8083/data/..%2f_ministack?{SIGNED}"),
    ("GET", f"http://localhost:8083/data/..%5c_ministack?{SIGNED}"),
    ("GET", f"http://localhost:8083/2015-03-31/functions?{SIGNED}"),
    ("GET", f"http://localhost:8083/restapis/x/dev?{SIGNED}"),
    ("GET", f"http://localhost:8083/key-value-stores/a/keys/b?{SIGNED}"),
    ("GET", f"http://localhost:8083/data2/x?{SIGNED}"),
    ("GET", f"http://localhost:8083//data/x?{SIGNED}"),
    ("GET", f"http://localhost:8083/more?{SIGNED}"),
    ("GET", f"http://localhost:8083/more/?{SIGNED}"),
    ("GET", f"http://localhost:8083/datamore/x?{SIGNED}"),
    ("GET", f"http://localhost:8083/d%61ta/x?{SIGNED}"),
    ("GET", f"http://localhost:8083/DATA/x?{SIGNED}"),
    ("GET", f"http://localhost:8083/data/x?{SIGNED}&Action=ListUsers"),
    ("GET", f"http://localhost:8083/data/x?{SIGNED}&policy"),
    ("GET", f"http://localhost:8083/data/x?{SIGNED}&X-Amz-Credential=a%2F20260101%2Fr%2Fs3%2Faws4_request"),
    ("GET", f"http://localhost:8083/data/x?{SIGNED}&x-amz-credential=lambda"),
    ("GET", "http://localhost:8083/data/x?" + SIGNED.replace("%2Fs3%2F", "%2Flambda%2F")),
    ("GET", "http://localhost:8083/data/x?" + SIGNED.replace("HMAC-SHA256", "HMAC-SHA1")),
    ("GET", "http://localhost:8083/data/x?" + SIGNED.replace("=AWS4-", "=+AWS4-")),
    ("GET", "http://localhost:8083/data/x?" + SIGNED.partition("&")[2]),
    ("GET", "http://localhost:8083/data/x?" + SIGNED.replace("X-Amz-Algorithm", "x-amz-algorithm")),
    ("GET", f"http://localhost:8082/data/x?{SIGNED}"),
    ("GET", f"http://localhost.:8083/data/x?{SIGNED}"),
]  # fmt: skip


def test_the_table_is_as_long_as_it_claims() -> None:
    forms = len(CONNECT_ALLOWED + CONNECT_REFUSED) + len(FORWARD_ALLOWED + FORWARD_REFUSED)
    assert forms >= 130


@pytest.mark.parametrize("authority", CONNECT_ALLOWED)
def test_tunnel_to_an_allowed_host(authority: str) -> None:
    decision = judge_connect(authority, POLICY)
    assert isinstance(decision, Tunnel)
    assert decision.port == 443
    assert decision.host == authority.rpartition(":")[0].lower().removesuffix(".")


@pytest.mark.parametrize("authority", CONNECT_REFUSED)
def test_no_tunnel(authority: str) -> None:
    assert isinstance(judge_connect(authority, POLICY), Refusal)


@pytest.mark.parametrize(("method", "target"), FORWARD_ALLOWED)
def test_forward(method: str, target: str) -> None:
    decision = judge_forward(method, target, POLICY)
    assert isinstance(decision, Forward)
    assert decision.store == (":8083" in target)
    assert decision.path.startswith("/")


@pytest.mark.parametrize(("method", "target"), FORWARD_REFUSED)
def test_no_forward(method: str, target: str) -> None:
    assert isinstance(judge_forward(method, target, POLICY), Refusal)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255",
        "192.168.0.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.127.255.255",
        "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "168.63.129.16", "::1", "::", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "fc00::1", "fd00:ec2::254",
        "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "nonsense", "", "1.2.3", "0x7f000001",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "11.0.0.1"]
)
def test_public_addresses(address: str) -> None:
    assert public(address)


def test_the_store_never_sees_credentials_or_service_choosing_headers() -> None:
    decision = judge_forward("PUT", f"http://localhost:8083/data/x?{SIGNED}", POLICY)
    assert isinstance(decision, Forward)
    headers = (
        ("host", "lambda.localhost"),
        ("authorization", "AWS4-HMAC-SHA256 Credential=x"),
        ("x-amz-target", "Logs.Delete"),
        ("x-forwarded-host", "x"),
        ("cookie", "a=b"),
        ("content-type", "text/html"),
        ("content-length", "3"),
        ("x-amz-checksum-sha256", "abc"),
        ("proxy-connection", "keep-alive"),
    )
    kept = dict(forwarded_headers(headers, decision))
    assert kept == {
        "host": "localhost:8083",
        "content-type": "text/html",
        "content-length": "3",
        "x-amz-checksum-sha256": "abc",
        "connection": "keep-alive",
    }


def test_the_api_sees_the_build_token() -> None:
    decision = judge_forward("POST", "http://localhost:8080/v1/runner/logs", POLICY)
    assert isinstance(decision, Forward)
    kept = dict(forwarded_headers((("authorization", "Bearer t"), ("host", "evil")), decision))
    assert kept["authorization"] == "Bearer t"
    assert kept["host"] == "localhost:8080"
