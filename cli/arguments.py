"""Arguments and options that several commands share."""

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

import typer

Migration = Annotated[str, typer.Argument(metavar="ID", help="id of the migration, as `list` shows it")]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="the plan, YAML or JSON; - reads the input")]
Machines = Annotated[
    list[str] | None,
    typer.Option("--machine", "--machines", "-m", metavar="NAMES", help="only these; repeat, or separate by commas"),
]
Machine = Annotated[str, typer.Option("--machine", "-m", metavar="NAME", help="one machine")]
Wave = Annotated[str, typer.Option("--wave", "-w", metavar="NAME", help="the wave")]
Waves = Annotated[
    list[str] | None,
    typer.Option("--wave", "--waves", "-w", metavar="NAMES", help="only these; repeat, or separate by commas"),
]
AllReady = Annotated[bool, typer.Option("--all-ready", help="everything that waits at such gates now, in any wave")]
Comment = Annotated[str, typer.Option("--comment", "-c", metavar="TEXT", help="kept in the ledger")]
Every = Annotated[float, typer.Option("--every", min=0.1, metavar="SECONDS", help="how often to look")]
Watch = Annotated[bool, typer.Option("--watch", help="watch it afterwards until it ends")]


States = Annotated[
    list[str] | None, typer.Option("--state", metavar="NAMES", help="only in these; repeat, or separate by commas")
]
OnlyProblems = Annotated[bool, typer.Option("--problem", help="only with a problem")]


class WithWave(Protocol):
    """What has a name and belongs to a wave."""

    @property
    def name(self) -> str: ...  # noqa: D102 - a field

    @property
    def wave(self) -> str: ...  # noqa: D102 - a field


M = TypeVar("M", bound=WithWave)


def chosen_of(machines: Iterable[M], waves: Collection[str], named: Collection[str]) -> list[M]:
    """Give those of the waves and names that were given; all where none was."""
    return [each for each in machines if (not waves or each.wave in waves) and (not named or each.name in named)]


def names(given: Iterable[str] | None) -> list[str]:
    """Give the names of a repeated option, each once; commas separate, too."""
    parts = (part.strip() for each in given or () for part in each.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def usage(problem: str, option: str) -> typer.BadParameter:
    """Say which option was given wrongly."""
    return typer.BadParameter(problem, param_hint=option)


def to_write(path: Path | None) -> Path | None:
    """Give a file that can be written, before anything is asked of the app. Raises `BadParameter` where it cannot be."""
    if path and not os.access(path if path.exists() else path.parent, os.W_OK):
        raise typer.BadParameter(f"{path} cannot be written: its folder is not there, or you may not write there")
    return path


def check_new(path: Path, option: str) -> None:
    """Raise `BadParameter` where there is such a file: nothing is written over."""
    if path.exists():
        raise usage(f"{path} exists and is not written over", option)


def kind_of(report: Path | None, kinds: Sequence[str]) -> str:
    """Give the ending of a report's name, empty without one. Raises `BadParameter` where it is none of these."""
    kind = report.suffix.lstrip(".").lower() if report else ""
    if report and kind not in kinds:
        raise usage(f"{report} ends in none of {', '.join(f'.{each}' for each in kinds)}", "--report")
    return kind
