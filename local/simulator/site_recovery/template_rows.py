"""What a job template holds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskRow:
    """A task; an empty id means the service gives it a GUID (recorded for commits, plans and updates)."""

    id: str
    name: str
    friendly: str
    key: str = ""


@dataclass(frozen=True)
class Template:
    """A scenario; `main` is the task that an unspecific fault hits."""

    scenario: str
    friendly: str
    tasks: tuple[TaskRow, ...]
    main: str
    cancellable: bool = True
    left_open: bool = False  # the job Succeeds while its task still says InProgress (recorded)
    provider: str = ""  # the one provider whose jobs have these tasks
    never: tuple[str, ...] = ()  # tasks that stay NotStarted to the end (recorded)
    skips: tuple[str, ...] = ()  # tasks that are always skipped (recorded)


def single_task(scenario: str, friendly: str, task: str, *, cancellable: bool = True) -> Template:
    """Return the template of a job with a single task."""
    return Template(scenario, friendly, (TaskRow(task, task.removesuffix("Task"), friendly),), task, cancellable)
