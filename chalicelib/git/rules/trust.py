"""Whether a pull request is built with what belongs to the people of a project. Pure.

The provider's own facts decide, each by comparing it as a whole: no pattern, no number in a text,
no name that merely looks like one of ours. What is not known counts as a stranger's.
"""

from __future__ import annotations

from chalicelib.git.rules.events import PullRequest

TRUSTED, APPROVED, UNTRUSTED = "trusted", "approved", "untrusted"


def trust_of(pull: PullRequest, approved: bool) -> tuple[str, str]:
    """(trust, why) of the commit of a pull request.

    `approved` says that a person approved exactly this commit. An approval is asked for where it is
    needed only: who may write to the repository needs none.
    """
    why = _stranger(pull)
    if not why:
        return (
            TRUSTED,
            "It comes from a branch of this repository, by somebody who may write to it.",
        )
    if approved is True:
        return APPROVED, f"{why} A person approved this commit."
    return UNTRUSTED, why


def _stranger(pull: PullRequest) -> str:
    if pull.fork is not False:
        return "It comes from a fork."
    if pull.bot is not False:
        return "Its author is a program."
    if pull.member is not True:
        return "Its author may not write to the repository."
    return ""


def same_id(given: object, known: object) -> bool:
    """Whether two ids of a host are the same.

    Whole numbers are compared as such and texts as such; a number never equals the text that
    spells it, because that is how "12" and "12 or anything" come to look alike.
    """
    if isinstance(given, bool) or isinstance(known, bool):
        return False
    if isinstance(given, int) and isinstance(known, int):
        return given == known
    return isinstance(given, str) and isinstance(known, str) and bool(known) and given == known
