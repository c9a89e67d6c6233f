"""CloudFront's access log: its lines, and who is meant by them."""

from __future__ import annotations

from chalicelib.traffic.rules import cloudfront
from chalicelib.traffic.rules.cloudfront import Request, Whose
from chalicelib.traffic.rules.counts import Counts

FIELDS = (
    "timestamp(ms) x-host-header sc-status sc-bytes time-taken x-edge-request-id "
    "x-edge-response-result-type"
)
HEAD = ["#Version: 1.0\n", f"#Fields: {FIELDS}\n"]
ID = "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ=="
AT = 1_800_000_030_000


def line(**changes: object) -> str:
    values = {
        "at": AT,
        "host": "shop.example.app",
        "status": 200,
        "bytes": 1234,
        "took": "0.042",
        "id": ID,
        "result": "Hit",
    } | changes
    return "\t".join(str(value) for value in values.values()) + "\n"


def read(*lines: str) -> list[Request]:
    return list(cloudfront.requests([*HEAD, *lines]))


def test_a_line_is_read_by_the_names_of_its_fields() -> None:
    assert read(line()) == [Request(ID, AT, "shop.example.app", 200, 1234, 42.0, True)]
    other = ["#Fields: sc-status timestamp(ms) x-host-header sc-bytes time-taken\n"]
    [found] = cloudfront.requests([*other, f"503\t{AT}\tA.B.C\t1\t2.5\n"])
    assert (found.status, found.host, found.milliseconds, found.id) == (503, "a.b.c", 2500, "-")


def test_what_cannot_be_read_is_passed_over() -> None:
    assert read("", "\n", "a\tb\n", line(status="-"), line(at="now"), line(took="-")) == []
    assert list(cloudfront.requests([line()])) == []  # nobody said what the fields are


def test_a_visitor_who_was_gone_has_no_answer() -> None:
    [found] = read(line(status="000", bytes=0))
    assert found.status == 0
    assert cloudfront.counted([found], lambda _: Whose("prj", "dpl", "live")) == []


def test_counting_by_owner_and_minute() -> None:
    def whose(request: Request) -> Whose | None:
        if request.host == "nobody.example.app":
            return None
        return Whose("prj", "dpl", "preview" if request.host.startswith("p-") else "live")

    found = read(
        line(),
        line(status=502, result="Error", took="1.000"),
        line(at=AT + 60_000),
        line(host="p-.example.app"),
        line(host="nobody.example.app"),
    )
    told = {(t.minute, t.kind): t.counts for t in cloudfront.counted(found, whose)}
    assert told["2027-01-15T08:00", "live"] == Counts(2, 2468, 1, 0, 0, 1, 1, {22: 1, 40: 1})
    assert told["2027-01-15T08:01", "live"].requests == 1
    assert told["2027-01-15T08:00", "preview"].requests == 1
    assert len(told) == 3


def test_notes_of_the_visitors_function() -> None:
    deployment = "01mcc5rm0e7ycszhy7yqhzm4e7"
    assert cloudfront.note(f"{ID} dpl {deployment}\n") == (ID, f"dpl_{deployment}")
    for text in (
        f"{ID} START DistributionID: E1",
        f"dpl {deployment}",
        f"{ID} dpl {deployment}x",
        f"{ID} said dpl {deployment}",
        f"{ID} dpl {deployment.upper()}",
        "",
    ):
        assert cloudfront.note(text) is None
