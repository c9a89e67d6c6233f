"""What a project says about its builds and about git, as the API reads and shows it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from chalicelib.core.http import Input
from chalicelib.projects import rules
from chalicelib.projects.rules import flow
from chalicelib.projects.rules.flow import DAYS_MAX, DAYS_MIN, RULES_MAX, Forks, Signatures
from chalicelib.projects.rules.settings import (
    WATCH_MAX,
    Action,
    Severity,
    Size,
    check_version,
    check_watch,
)

Command = Annotated[str | None, Field(max_length=2000)]
Folder = Annotated[
    Annotated[str, Field(max_length=500), AfterValidator(rules.check_folder)] | None, Field()
]
Version = Annotated[
    Annotated[str, Field(max_length=20), AfterValidator(check_version)] | None, Field()
]
Watch = Annotated[
    Annotated[
        list[Annotated[str, Field(max_length=200)]],
        Field(max_length=WATCH_MAX, description="only changes of these paths need a build"),
        AfterValidator(check_watch),
    ]
    | None,
    Field(),
]


class GateInput(Input):
    """What holds a build up; what is not said is `warn`, `high` and `block`."""

    vulnerabilities: Action | None = None
    severity: Severity | None = Field(None, description="from which severity on")
    secrets: Action | None = None


class BuildSettings(Input):
    """How a project is built, where detection shall not decide."""

    root: Folder = None
    install_command: Command = None
    build_command: Command = None
    output_directory: Folder = None
    spa: bool | None = None
    watch: Watch = None
    node_version: Version = None
    python_version: Version = None
    size: Size | None = None
    gate: GateInput | None = None


class RuleInput(Input):
    """Branches or tags that match lead to an environment, or to `none`."""

    match: str = Field(max_length=200, description="`*` within a part, `**` across parts, `?`")
    environment: str = Field(max_length=20)


class GitSettings(Input):
    """Where a branch, a tag or a pull request leads; the first rule that matches wins."""

    branches: list[RuleInput] = Field([], max_length=RULES_MAX)
    tags: list[RuleInput] = Field([], max_length=RULES_MAX)
    pull_requests: bool = flow.DEFAULT.pull_requests
    forks: Forks = flow.DEFAULT.forks
    comments: bool = flow.DEFAULT.comments
    preview_days: int = Field(flow.DEFAULT.preview_days, ge=DAYS_MIN, le=DAYS_MAX)
    auto_cancel: bool = flow.DEFAULT.auto_cancel
    signatures: Signatures = flow.DEFAULT.signatures


def git_view(git: dict[str, Any]) -> GitSettings:
    """A project's flow with every default filled in."""
    found = flow.read(git)
    rules_of = {
        kind: [RuleInput(**vars(rule)) for rule in getattr(found, kind)]
        for kind in ("branches", "tags")
    }
    return GitSettings.model_validate(vars(found) | rules_of)
