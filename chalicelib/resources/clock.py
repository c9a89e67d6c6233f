"""What is called by the clock."""

from __future__ import annotations

from chalicelib.resources.grants import FAILS, LOOKS_AT_DOMAINS
from chalicelib.resources.kinds import ASKS_HOSTS, Function, Schedule

FUNCTIONS = (
    Function("due", "functions.schedules.due", timeout_seconds=60, grants=("core", "bus")),
    # reads which backends the rules of live sites name, and asks them
    Function(
        "health",
        "functions.schedules.health",
        timeout_seconds=60,
        grants=("core", "bus", "rules:read"),
    ),
    Function(
        "poll",
        "functions.schedules.poll",
        timeout_seconds=120,
        grants=("core", "bus", "data-key:open", "codecommit"),
        layers=ASKS_HOSTS,
    ),
    Function(
        "sweep",
        "functions.schedules.sweep",
        timeout_seconds=120,
        # does what was left undone by any of the others, but packages and publishes nothing:
        # for that it starts the machine again
        grants=(
            *(*FAILS, "machines", "machines:read", "audit"),
            *("data-key:seal", "data-key:open", "builds"),
            # and of the deletion of a project
            *("sources:read", "sources:remove", "purge"),
            "manifests:remove",  # of previews whose time is over
        ),
    ),
    Function(
        "audit",
        "functions.schedules.audit",
        timeout_seconds=120,
        # the tokens of streams are sealed; who watches a team hears of entries that come late
        grants=("core", "audit", "audit:read", "audit:waiting", "data-key:open", "bus"),
    ),
    Function(
        "sign-logs",
        "functions.schedules.sign_logs",
        timeout_seconds=120,
        # what talks to strangers' collectors has no right to sign, and this one talks to nobody
        grants=("core", "audit", "audit:read", "signing-key"),
    ),
    Function(
        "certificates",
        "functions.schedules.certificates",
        timeout_seconds=120,
        grants=LOOKS_AT_DOMAINS,
    ),
)

SCHEDULES = (
    Schedule("sweep", "rate(1 minute)", "sweep"),
    Schedule("due", "rate(1 minute)", "due"),
    Schedule("health", "rate(1 minute)", "health"),
    Schedule("poll", "rate(5 minutes)", "poll"),
    Schedule("audit", "rate(1 minute)", "audit"),
    Schedule("sign-logs", "rate(1 hour)", "sign-logs"),
    Schedule("certificates", "rate(15 minutes)", "certificates"),
)
