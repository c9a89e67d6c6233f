"""What decides about deployments. Pure."""

from chalicelib.deployments.rules.states import (
    FAULTS,
    ORDER,
    STAGE_OF,
    STAGES,
    STATES,
    TERMINAL,
    Move,
    failure,
    may_become,
    may_promote,
    states_before,
)

__all__ = [
    "FAULTS",
    "ORDER",
    "STAGES",
    "STAGE_OF",
    "STATES",
    "TERMINAL",
    "Move",
    "failure",
    "may_become",
    "may_promote",
    "states_before",
]
