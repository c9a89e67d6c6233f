"""What a build prints, cut into any pieces, never shows a secret in any of the usual forms."""

import base64
import html
import json
import urllib.parse

from hypothesis import example, given, settings
from hypothesis import strategies as st

from runner.lines import LONGEST, Lines
from runner.mask import Mask

FORMS = {
    "raw": lambda s: s,
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64, one byte on": lambda s: base64.b64encode(b"x" + s.encode() + b"yz").decode(),
    "base64, two bytes on": lambda s: base64.b64encode(b"xy" + s.encode() + b"yz").decode(),
    "url": lambda s: urllib.parse.quote(s, safe=""),
    "json": lambda s: json.dumps({"k": s}),
    "hex": lambda s: s.encode().hex(),
    "html": html.escape,
}
SECRET = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=8, max_size=80
).filter(lambda s: s == s.strip() and s.splitlines() == [s])


def shown(mask: Mask, stream: bytes, cuts: list[int]) -> list[str]:
    """The lines as the log gets them."""
    reader, raw, at = Lines(spare=mask.longest), [], 0
    for size in [*cuts, len(stream)]:
        raw += reader.feed(stream[at : at + size])
        at += size
    raw += reader.end()
    texts = [line.decode("utf-8", "replace") for line in raw]
    return [mask(text[: LONGEST + mask.longest], LONGEST) for text in texts]


def core(form: str, secret: str, written: str) -> str:
    """The part of a form that comes of the secret alone."""
    if form == "json":
        return json.dumps(secret)[1:-1]
    if not form.startswith("base64"):
        return written
    shift = ("base64", "base64, one byte on", "base64, two bytes on").index(form)
    return written[-(-shift * 8 // 6) : (shift + len(secret.encode())) * 8 // 6]


@settings(max_examples=400, deadline=None)
@given(
    SECRET,
    st.sampled_from(sorted(FORMS)),
    st.integers(0, 60),
    st.lists(st.integers(1, 40), max_size=30),
)
@example("p@ss word:/?#", "url", 3, [5, 1, 1, 1])
def test_random_pieces(secret, form, before, cuts):
    written = FORMS[form](secret)
    stream = f"first\n{'.' * before}{written}{'.' * 20}\nlast\n".encode()
    text = "\n".join(shown(Mask([secret]), stream, cuts))
    assert core(form, secret, written) not in text
    assert text.startswith("first\n")
    assert text.endswith("\nlast")


@settings(max_examples=150, deadline=None)
@given(SECRET, st.sampled_from(sorted(FORMS)), st.integers(-200, 20), st.integers(1, 9000))
def test_across_the_cut_of_a_long_line(secret, form, around, size):
    written = FORMS[form](secret)
    stream = ("." * (LONGEST + around) + written + "." * 500 + "\n").encode()
    (text,) = shown(Mask([secret]), stream, [size] * 4)
    left = text.replace("•", "").replace(".", "")
    assert len(left) <= len(written) - len(core(form, secret, written))
