"""What git hosts tell us, in our own words. Pure."""

from chalicelib.git.rules.events import PullRequest, Push, Tag
from chalicelib.git.rules.refs import (
    SKIP,
    ZERO,
    branch_fault,
    branch_of,
    is_commit,
    tag_of,
)
from chalicelib.git.rules.trust import trust_of

__all__ = [
    "SKIP",
    "ZERO",
    "PullRequest",
    "Push",
    "Tag",
    "branch_fault",
    "branch_of",
    "is_commit",
    "tag_of",
    "trust_of",
]
