"""Fields that several routes of accounts have."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from chalicelib.accounts.rules.people import check_avatar_url, check_line, check_reason
from chalicelib.identity.rules import normal_email
from chalicelib.teams.rules import check_name

Email = Annotated[str, Field(max_length=254), AfterValidator(normal_email)]
Name = Annotated[str, Field(max_length=200), AfterValidator(check_name)]
Line = Annotated[str, Field(max_length=500), AfterValidator(check_line)]
Reason = Annotated[str, Field(max_length=4000), AfterValidator(check_reason)]
AvatarUrl = Annotated[str, Field(max_length=4000), AfterValidator(check_avatar_url)]
