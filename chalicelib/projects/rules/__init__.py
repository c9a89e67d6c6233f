"""What a project may be called and hold, and where what happens to it leads. Pure."""

from chalicelib.projects.rules.names import (
    RESERVED_SLUGS,
    SLUG_MAX,
    check_folder,
    slug_fault,
    slug_of,
)
from chalicelib.projects.rules.variables import VALUE_MAX, Variable, variable_fault

__all__ = [
    "RESERVED_SLUGS",
    "SLUG_MAX",
    "VALUE_MAX",
    "Variable",
    "check_folder",
    "slug_fault",
    "slug_of",
    "variable_fault",
]
