"""What origin-response makes of the bucket's answers."""

import pytest

from functions.edge.origin.answer import headers
from functions.edge.origin.notes import Notes
from functions.edge.origin_response import OriginResponse
from tests.fakes.origin import Backend

SHA = "ab" * 32
URI = f"/blobs/team_1/{SHA}"
NOTES = Notes(
    deployment="dpl_01ja0000000000000000000000",
    site="prj_01ja0000000000000000000000",
    media_type="text/css; charset=utf-8",
    caching="public,max-age=0,must-revalidate,s-maxage=9",
    status=200,
    size=5000,
    preview=False,
)
S3 = {
    "Server": "AmazonS3",
    "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT",
    "ETag": '"md5"',
    "x-amz-request-id": "R",
    "x-amz-server-side-encryption": "AES256",
    "Content-Type": "binary/octet-stream",
    "Content-Length": "5000",
    "Accept-Ranges": "bytes",
    "Via": "1.1 s3",
    "Transfer-Encoding": "chunked",
}


@pytest.fixture(scope="module")
def function():
    backend = Backend()
    backend.close()
    return OriginResponse(backend.settings())


def answer(function, status=200, note=NOTES, **more):
    response = {
        "status": str(status),
        "statusDescription": "as S3 said",
        "headers": headers({**S3, **{n.replace("_", "-"): v for n, v in more.items()}}),
    }
    request = {"uri": URI, "headers": note.written() if note else {}}
    made = function.handle(request, response)
    return made, {name: values[0]["value"] for name, values in made["headers"].items()}


def test_a_file(function):
    made, said = answer(function)
    assert (made["status"], made["statusDescription"]) == ("200", "as S3 said")
    assert "body" not in made
    assert said == {
        "content-type": "text/css; charset=utf-8",
        "content-length": "5000",
        "cache-control": "public,max-age=0,must-revalidate,s-maxage=9",
        "etag": f'"{SHA[:32]}"',
        "accept-ranges": "bytes",
        "vary": "Accept-Encoding",
        "cache-tag": "dep-01ja0000000000000000000000,site-prj_01ja0000000000000000000000",
        "x-clouddeck-deployment": "dpl_01ja0000000000000000000000",
        "x-content-type-options": "nosniff",
        "via": "1.1 s3",
        "transfer-encoding": "chunked",
    }


def test_only_what_can_be_compressed_varies(function):
    for note in (
        Notes(**{**_fields(NOTES), "media_type": "image/png"}),
        Notes(**{**_fields(NOTES), "size": 10}),
    ):
        assert "vary" not in answer(function, note=note)[1]


def _fields(note):
    return {name: getattr(note, name) for name in Notes.__slots__}


def test_a_part_stays_a_part(function):
    made, said = answer(function, 206, Content_Range="bytes 0-1/5000", Content_Length="2")
    assert made["status"] == "206"
    assert (said["content-range"], said["content-length"]) == ("bytes 0-1/5000", "2")


def test_a_not_found_page_is_404_and_has_no_validator(function):
    made, said = answer(function, note=Notes(**{**_fields(NOTES), "status": 404}))
    assert (made["status"], made["statusDescription"]) == ("404", "Not Found")
    assert "body" not in made
    assert not {"etag", "accept-ranges", "last-modified"} & set(said)


def test_a_preview_is_not_for_search_engines(function):
    _, said = answer(function, note=Notes(**{**_fields(NOTES), "preview": True}))
    assert said["x-robots-tag"] == "noindex"


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "store_unavailable"), (404, "blob_missing"), (500, "store_unavailable")],
)
def test_a_failure_of_the_bucket_is_a_page_of_this_deployment(function, status, code):
    made, said = answer(function, status)
    assert (made["status"], said["x-clouddeck-error"]) == ("502", code)
    assert NOTES.deployment in made["body"]
    assert said["cache-control"].endswith("s-maxage=5")
    assert said["cache-tag"].startswith("dep-")
    assert not {"content-length", "etag", "server", "last-modified"} & set(said)
    assert (said["via"], said["transfer-encoding"]) == ("1.1 s3", "chunked"), "read-only"


@pytest.mark.parametrize(("status", "code"), [(412, "condition"), (416, "range")])
def test_what_one_visitor_asked_is_kept_for_nobody(function, status, code):
    made, said = answer(function, status)
    assert (made["status"], said["x-clouddeck-error"]) == (str(status), code)
    assert said["cache-control"] == "no-store"
    if status == 416:
        assert said["content-range"] == "bytes */5000"


@pytest.mark.parametrize("status", [200, 404])
def test_not_modified_is_of_one_visitor_and_keeps_its_status(function, status):
    made, said = answer(function, 304, note=Notes(**{**_fields(NOTES), "status": status}))
    assert made["status"] == "304"
    assert "body" not in made
    assert said["cache-control"] == "no-store"
    assert not {"etag", "last-modified"} & set(said)


def test_without_notes_nothing_of_the_bucket_is_shown(function):
    made, _ = answer(function, note=None)
    assert made["status"] == "502"
    assert made["body"]
