"""What a project that was deleted leaves behind."""

from __future__ import annotations

from chalicelib.core import table
from chalicelib.projects.rows.environments import EnvironmentRow
from chalicelib.projects.rows.projects import key
from chalicelib.projects.rows.triggers import HookRow, ScheduleRow, hooks, token_row
from chalicelib.projects.rows.variables import VariableLog, VariableRow

_BELOW = (
    (VariableRow, "VAR#"),
    (VariableLog, "VARLOG#"),
    (EnvironmentRow, "ENV#"),
    (HookRow, "DEPLOYHOOK#"),
    (ScheduleRow, "SCHED#"),
)


def remove_all(project: str) -> None:
    """Remove the variables, environments, hooks and schedules of a project.

    What opens a hook goes before the hook: whoever dies in between finds it again.
    """
    for hook in hooks(project):
        token_row(hook.digest, project, hook.id).delete()
    for kind, prefix in _BELOW:
        for row in table.below(kind, key(project), prefix):
            row.delete()
