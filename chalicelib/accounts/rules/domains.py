"""Domains that a team can prove to be its own, and how: names only, nobody is asked.

A domain is kept as ASCII labels (RFC 5890, "A-labels"), which is how e-mail addresses of accounts
have it too, so what looks alike and is not the same never compares as equal.
"""

from __future__ import annotations

import ipaddress
import re
import secrets

RECORD = "_clouddeck"
PREFIX = "clouddeck-verify="
LONGEST = 253
MOST_DOMAINS = 20

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_DOTS = re.compile("[\u3002\uff0e\uff61]")
# these four mean something else in IDNA 2003 than in IDNA 2008, so two domains would be one
_DEVIATING = frozenset("\u00df\u03c2\u200c\u200d")
_SPECIAL = frozenset(
    {
        *("alt", "arpa", "example", "home", "internal", "invalid", "lan", "local", "localhost"),
        *("onion", "private", "test"),
    }
)

_PUBLIC_MAIL = """
126.com 163.com aim.com aol.com att.net bell.net bellsouth.net bigpond.com bk.ru bol.com.br
btinternet.com charter.net comcast.net cox.net daum.net disroot.org docomo.ne.jp duck.com
earthlink.net email.com fastmail.com fastmail.fm foxmail.com free.fr freenet.de gmail.com gmx.at
gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.co.uk hotmail.com
hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com inbox.lv inbox.ru kakao.com
laposte.net libero.it list.ru live.co.uk live.com live.de live.fr live.nl mac.com mail.com mail.ru
mailbox.org mailfence.com me.com msn.com naver.com ntlworld.com o2.pl onet.pl optonline.net
orange.fr outlook.com outlook.de outlook.es outlook.fr outlook.it pm.me posteo.de proton.me
protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com riseup.net rocketmail.com rogers.com
sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com sohu.com t-online.de talktalk.net
terra.com.br tiscali.it tuta.com tutanota.com tutanota.de uol.com.br verizon.net virgilio.it
virginmedia.com wanadoo.fr web.de wp.pl xs4all.nl yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk
yahoo.com yahoo.com.au yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru
yeah.net ymail.com zohomail.com zoho.com
"""
PUBLIC_MAIL = frozenset(_PUBLIC_MAIL.split())
"""Domains at which everybody can have an address; nobody's own."""


def normal_domain(text: str, *, special: bool = False) -> str:
    """The domain in ASCII labels; raises ValueError with the rule.

    With `special` names that no public DNS has (RFC 6761) are taken too. What browsers and mail
    programs would take for the same name (capitals, full-width letters, other dots, a dot at the
    end) becomes the same text here.
    """
    name = _DOTS.sub(".", text.strip()).lower().removesuffix(".")
    if not name or len(name) > LONGEST:
        raise ValueError("A domain has 1 to 253 characters, such as example.com.")
    if _is_address(name):
        raise ValueError("A domain is a name; addresses such as 192.0.2.1 have no mailboxes.")
    labels = [_ascii(label) for label in name.split(".")]
    domain = ".".join(labels)
    if len(labels) < 2 or len(domain) > LONGEST or labels[-1].isdigit():
        raise ValueError("A domain has at least two parts, such as example.com.")
    if labels[-1] in _SPECIAL and not special:
        raise ValueError(f"Names below {labels[-1]!r} are nobody's on the internet (RFC 6761).")
    return domain


def domain_of(email: str) -> str:
    """The part after the @, as accounts have it."""
    return email.strip().lower().rpartition("@")[2]


def is_public_mail(domain: str) -> bool:
    """Whether everybody can have a mailbox there."""
    return domain in PUBLIC_MAIL


def lies_below(domain: str, parent: str) -> bool:
    """Whether a domain is another one or lies below it."""
    return domain == parent or domain.endswith(f".{parent}")


def new_token() -> str:
    """What the TXT record of a claim has to hold: 160 random bits in base32, for every DNS page."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    return "".join(secrets.choice(alphabet) for _ in range(32))


def record_name(domain: str) -> str:
    """Name of the TXT record that proves a domain."""
    return f"{RECORD}.{domain}"


def record_value(token: str) -> str:
    """Text of the TXT record that proves a domain."""
    return PREFIX + token


def proves(texts: list[str], token: str) -> bool:
    """Whether one of the texts of a name is the proof; some DNS pages add spaces or quotes."""
    wanted = record_value(token)
    return any(secrets.compare_digest(_bare(text), wanted.encode()) for text in texts)


def _bare(text: str) -> bytes:
    return text.strip().strip('"').strip().encode("utf-8", "replace")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _ascii(label: str) -> str:
    if set(label) & _DEVIATING:
        raise ValueError(
            f"The part {label[:60]!r} means two domains; write it as it is in DNS (xn--)."
        )
    try:
        found = label.encode("idna").decode("ascii") if not label.isascii() else label
    except UnicodeError:
        found = ""
    if not _LABEL.match(found) or (found[2:4] == "--" and not _is_a_label(found)):
        raise ValueError(f"The part {label[:60]!r} cannot stand in a domain.")
    return found


def _is_a_label(label: str) -> bool:
    """Whether `xn--` is followed by what really stands for characters beyond ASCII."""
    if not label.startswith("xn--"):
        return False
    try:
        text = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return False
    return (
        not text.isascii()
        and text == text.lower()
        and text.encode("punycode").decode() == label[4:]
    )
