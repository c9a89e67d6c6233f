"""What mails about domains say. Pure."""

from __future__ import annotations

from chalicelib.accounts.rules.letters import Letter
from chalicelib.domains.rules.states import Meaning


def trouble(host: str, meaning: Meaning, detail: str) -> Letter:
    """A domain is not served, or not any more."""
    why = f"\n\n{detail[:1].upper()}{detail[1:]}." if detail else ""
    return Letter(
        "domain_trouble",
        f"The domain {host} needs you",
        f"{meaning.reason}{why}\n\n{meaning.next_step}\n\n  deck domains show {host}\n",
    )


def expiring(host: str, days: int, end: str, *, own: bool) -> Letter:
    """A certificate ends soon."""
    what = (
        "It is one that your team brought, so it is not renewed by itself. Upload the next one:\n\n"
        f"  deck domains certificate {host} --cert FILE --key FILE"
        if own
        else "It should have been renewed by now. Most often the DNS of the domain does not lead\n"
        f"here any more. See what is wrong:\n\n  deck domains check {host}"
    )
    when = "has ended" if days == 0 else f"ends in {days} day{'' if days == 1 else 's'}"
    return Letter(
        "domain_expiring",
        f"The certificate of {host} {when}",
        f"The certificate of {host} {when}, on {end[:10]}. {what}\n",
    )
