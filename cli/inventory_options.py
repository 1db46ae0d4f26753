"""What may be said of an inventory, as options of a command: one for each field of `InventoryOptions`."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.arguments import to_write

FILE = {"metavar": "FILE", "dir_okay": False}
WRITTEN = FILE | {"callback": to_write}


@dataclass(frozen=True)
class InventoryOptions:
    """Where machines are, which plans may cover them, and where the inventory goes."""

    scenario: Annotated[
        str, typer.Option("--scenario", metavar="ROAD", help="from where to where; else as --like says")
    ] = ""
    like: Annotated[
        Path | None,
        typer.Option("--like", **FILE, help="a plan, or its beginning: scenario, source, replication, target"),
    ] = None
    region: Annotated[str, typer.Option("--region", help="of the machines, in AWS or Azure")] = ""
    role_arn: Annotated[str, typer.Option("--role-arn", metavar="ARN", help="role to assume in AWS")] = ""
    vpc: Annotated[str, typer.Option("--vpc", metavar="ID", help="only machines of this VPC")] = ""
    subscription: Annotated[str, typer.Option("--subscription", metavar="ID", help="of the machines, in Azure")] = ""
    group: Annotated[str, typer.Option("--resource-group", metavar="NAME", help="only machines of this group")] = ""
    plan: Annotated[list[Path] | None, typer.Option("--plan", **FILE, help="a plan that may cover some; repeat")] = None
    uncovered: Annotated[bool, typer.Option("--uncovered", help="show only what no plan covers")] = False
    csv: Annotated[Path | None, typer.Option("--csv", **WRITTEN, help="write it there, as a list for `import`")] = None
    json: Annotated[Path | None, typer.Option("--json", **WRITTEN, help="write it there")] = None

    @property
    def sides(self) -> dict[str, dict[str, str]]:
        """Give what options say of a source, by the part of a plan's `source` that has it."""
        aws = {"region": self.region, "roleArn": self.role_arn, "vpcId": self.vpc}
        azure = {"region": self.region, "subscriptionId": self.subscription, "resourceGroup": self.group}
        return {"aws": aws, "azure": azure}


def with_inventory_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with these options in the place of its `options`."""
    signature = inspect.signature(command)
    ours = {each.name: each for each in fields(InventoryOptions)}

    def run(**given: Any) -> None:
        options = InventoryOptions(**{name: given.pop(name) for name in ours})
        command(**given, options=options)

    own = [each for each in signature.parameters.values() if each.name != "options"]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=each.type)
        for name, each in ours.items()
        if each.default is not MISSING
    ]
    run.__signature__ = signature.replace(  # type: ignore[attr-defined]  # what typer reads
        parameters=[*(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own), *added]
    )
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run
