"""The question that a browser answers by itself, and a script of scanners does not.

A page of ours lets the browser look for a number that makes a hash begin with zeros. Whoever finds
one gets a cookie that is bound to the site and their network, signed with a key of this edge; the
edge keeps nothing. It costs a visitor a moment and whoever sends thousands of requests the same for
each network: it makes an attack expensive, and proves no person.
"""

import base64
import hashlib
import hmac
import secrets
import time
from html import escape
from urllib.parse import quote, unquote

from adapters.local.edge import answers
from adapters.local.edge.answers import Answer, Context
from chalicelib.edge.rules.guard import network_of
from chalicelib.edge.rules.pages import Notice
from chalicelib.edge.rules.visitors import parameter

PATH = b"/_clouddeck/challenge"
BITS = 15
"""Zero bits that are asked for: some 33,000 hashes, a fraction of a second in a browser."""
CLEARANCE_SECONDS = 1800
_QUESTION_SECONDS = 300
_MOST_QUERY = 4096
_NOTICE = Notice(
    403,
    "One moment",
    "Your browser is being checked before it goes on. This takes a moment and needs JavaScript.",
    "challenge",
)


class Challenge:
    """Asks and checks. `key` signs; edges with the same key take each other's answers."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def cleared(self, cookies: dict[str, str], site: str, address: str, *, secure: bool) -> bool:
        """Whether a visitor has passed not long ago, from the network they are in now."""
        expires, _, mark = cookies.get(_name(secure=secure), "").partition(".")
        if not expires.isdecimal() or len(expires) > 12 or int(expires) < time.time():
            return False
        return _equal(mark, self._mark("cleared", site, address, expires))

    def ask(self, site: str, address: str, context: Context) -> Answer:
        """The page with the question."""
        nonce = base64.b64encode(secrets.token_bytes(16)).decode()
        question = self._question(site, address)
        body = _PAGE.format(
            title=escape(_NOTICE.title),
            text=escape(_NOTICE.text),
            nonce=nonce,
            question=question,
            bits=BITS,
        ).encode()
        policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        )
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            answers.NOSNIFF,
            ("Content-Security-Policy", policy),
            ("X-Robots-Tag", "noindex"),
            ("X-CloudDeck-Error", _NOTICE.code),
            ("Content-Length", str(len(body))),
        ]
        line = answers.log_line(context, 403, len(body), "none")
        return Answer(403, answers.head(403, headers), body, line)

    def check(
        self, query: bytes, site: str, address: str, context: Context, *, secure: bool
    ) -> Answer:
        """Send who found the number back to where they were, with the cookie; others ask again."""
        said = query[:_MOST_QUERY].decode("latin-1")
        question, number = parameter(said, "q"), parameter(said, "n")
        target = unquote(parameter(said, "to"))
        if not self._solved(question, number, site, address):
            return self.ask(site, address, context)
        expires = str(int(time.time()) + CLEARANCE_SECONDS)
        mark = self._mark("cleared", site, address, expires)
        cookie = (
            f"{_name(secure=secure)}={expires}.{mark}; Path=/; Max-Age={CLEARANCE_SECONDS}; "
            f"HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
        )
        headers = [
            ("Location", _local(target)),
            ("Cache-Control", "no-store"),
            ("Set-Cookie", cookie),
            ("Content-Length", "0"),
        ]
        line = answers.log_line(context, 303, 0, "none")
        return Answer(303, answers.head(303, headers), None, line)

    def _question(self, site: str, address: str) -> str:
        until = str(int(time.time()) + _QUESTION_SECONDS)
        salt = secrets.token_hex(8)
        return f"{until}.{salt}.{self._mark('question', site, address, until, salt)}"

    def _solved(self, question: str, number: str, site: str, address: str) -> bool:
        until, salt, mark = [*question.split("."), "", "", ""][:3]
        if not until.isdecimal() or len(until) > 12 or int(until) < time.time():
            return False
        if not _equal(mark, self._mark("question", site, address, until, salt)):
            return False
        if not number.isdecimal() or len(number) > 12:
            return False
        found = hashlib.sha256(f"{question}.{number}".encode()).digest()
        return int.from_bytes(found[:4]) >> (32 - BITS) == 0

    def _mark(self, kind: str, site: str, address: str, *more: str) -> str:
        text = "\0".join((kind, site, network_of(address), *more))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _equal(said: str, right: str) -> bool:
    """Whether two marks are the same; what a stranger says need not be ASCII."""
    return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), right.encode())


def _name(*, secure: bool) -> str:
    return "__Host-cdg" if secure else "__cdg"


def _local(target: str) -> str:
    """A path of this site to go back to; whatever could mean another place becomes the root."""
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    return quote(target, safe="/-._~!$&'()*+,;=:@?%")


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 34em; margin: 18vh auto }}
h1 {{ font-size: 1.4em }} p {{ color: #555 }} small {{ color: #888 }}
</style>
<h1>{title}</h1>
<p>{text}</p>
<noscript><p>Please switch JavaScript on and load the page again.</p></noscript>
<small>403 &middot; CloudDeck</small>
<script nonce="{nonce}" data-question="{question}" data-bits="{bits}">
// SHA-256 by hand: browsers offer theirs on secure pages only
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every(p => n % p)) primes.push(n);
const part = x => (x - Math.floor(x)) * 4294967296 | 0;
const K = primes.map(p => part(Math.cbrt(p)));
const start = primes.slice(0, 8).map(p => part(Math.sqrt(p)));
const turn = (x, n) => x >>> n | x << 32 - n;
function first(text) {{
  const size = text.length, w = new Int32Array(64);
  const words = new Int32Array((size + 8 >> 6) + 1 << 4);
  for (let i = 0; i < size; i++) words[i >> 2] |= text.charCodeAt(i) << 24 - i % 4 * 8;
  words[size >> 2] |= 128 << 24 - size % 4 * 8;
  words[words.length - 1] = size * 8;
  let state = start;
  for (let at = 0; at < words.length; at += 16) {{
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {{
      if (i < 16) w[i] = words[at + i];
      else {{
        const x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ x >>> 3)
          + (turn(y, 17) ^ turn(y, 19) ^ y >>> 10);
      }}
      const t = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + K[i] + w[i] | 0;
      const u = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + t | 0; d = c; c = b; b = a; a = t + u | 0;
    }}
    state = [a, b, c, d, e, f, g, h].map((x, i) => x + state[i] | 0);
  }}
  return state[0];
}}
const {{ question, bits }} = document.currentScript.dataset;
let number = 0;
function look() {{
  for (const end = number + 2000; number < end; number++)
    if (first(question + "." + number) >>> 32 - bits === 0) return done();
  setTimeout(look);
}}
function done() {{
  const own = "/_clouddeck/challenge";
  const to = location.pathname === own ? "/" : location.pathname + location.search;
  location.replace(own + "?q=" + question + "&n=" + number + "&to=" + encodeURIComponent(to));
}}
look();
</script>
</html>
"""
