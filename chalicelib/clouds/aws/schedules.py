"""Schedules of projects: EventBridge Scheduler, one group per installation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings

_NAME = re.compile(r"[0-9a-zA-Z_.-]{1,64}")
_EXPRESSION = re.compile(r"(rate|cron|at)\([^()]{1,200}\)")
_TRIES = 3
_RETRIES = {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 5}


class Schedules:
    """Schedules in the group `<prefix>`, which is made when the first one is."""

    def __init__(self, settings: Settings) -> None:
        self._group = settings.prefix
        self._region = settings.region

    def put(
        self,
        name: str,
        expression: str,
        *,
        timezone: str,
        target: str,
        role: str,
        payload: dict[str, Any],
        enabled: bool = True,
    ) -> None:
        """Make or replace a schedule; repeating it changes nothing.

        `expression` is `rate(..)`, `cron(..)` or `at(..)`, read in `timezone` (IANA name);
        `target` and `role` are ARNs, and `payload` is what the target gets, as JSON. Raises
        ValueError for a name or expression of another form, ClientError (ValidationException)
        for one that EventBridge does not understand.
        """
        if not _NAME.fullmatch(name) or not _EXPRESSION.fullmatch(expression):
            raise ValueError(f"not a schedule: {name!r}, {expression!r}")
        wanted = {
            "Name": name,
            "GroupName": self._group,
            "ScheduleExpression": expression,
            "ScheduleExpressionTimezone": timezone,
            "State": "ENABLED" if enabled else "DISABLED",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": target,
                "RoleArn": role,
                "Input": json.dumps(payload, separators=(",", ":")),
                "RetryPolicy": _RETRIES,
            },
        }
        scheduler = self._scheduler
        for attempt in range(_TRIES):
            try:
                scheduler.create_schedule(**wanted)
                return
            except scheduler.exceptions.ConflictException:
                if self._known("update_schedule", **wanted):
                    return  # else it was removed in between, and is made after all
            except scheduler.exceptions.ResourceNotFoundException:
                if attempt:
                    raise
                self._make_group()
        raise RuntimeError(f"the schedule {name} is made and removed by others at the same time")

    def remove(self, name: str) -> None:
        """Delete a schedule; no error when there is none."""
        self._known("delete_schedule", Name=name, GroupName=self._group)

    def names(self, prefix: str = "") -> Iterator[str]:
        """Names of the group's schedules that begin with `prefix`."""
        narrowed = {"NamePrefix": prefix} if prefix else {}
        pages = self._scheduler.get_paginator("list_schedules").paginate(
            GroupName=self._group, **narrowed
        )
        try:
            for page in pages:
                yield from (str(found["Name"]) for found in page["Schedules"])
        except self._scheduler.exceptions.ResourceNotFoundException:
            return  # no group, no schedules

    def _known(self, operation: str, **parameters: Any) -> bool:
        """Whether there was something to do it to."""
        try:
            getattr(self._scheduler, operation)(**parameters)
        except self._scheduler.exceptions.ResourceNotFoundException:
            return False
        return True

    def _make_group(self) -> None:
        try:
            self._scheduler.create_schedule_group(Name=self._group)
        except self._scheduler.exceptions.ClientError as error:
            if code_of(error) != "ConflictException":
                raise

    @property
    def _scheduler(self) -> Any:
        return client("scheduler", self._region)
