"""What is done with git, built-in or at a host: one public function per verb."""

from chalicelib.git.actions.branches import unknown
from chalicelib.git.actions.builtin import (
    RepositoryAccess,
    Taken,
    missed,
    open_repository,
    receive,
)
from chalicelib.git.actions.confirm import confirm, head, heads
from chalicelib.git.actions.events import deployment_id, publish
from chalicelib.git.actions.source import source

__all__ = [
    "RepositoryAccess",
    "Taken",
    "confirm",
    "deployment_id",
    "head",
    "heads",
    "missed",
    "open_repository",
    "publish",
    "receive",
    "source",
    "unknown",
]
