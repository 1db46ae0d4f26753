"""`run`: the stack with a world in it, kept up until it is stopped."""

import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ..azurite import AzuriteError
from ..world.build import build
from .folder import new_folder
from .migrate import read_scene
from .part import StackError
from .registrar import Registrar
from .stack import Stack, running

ENDED = {
    "simulator": "The simulated Azure ended; it is started again, and makes its world again from what it kept.",
    "aws": "EC2 ended; it is started again with what it kept.",
    "azurite": "The storage ended; it is started again with what it had on disk.",
    "ssm": "Systems Manager ended; it is started again with what it kept.",
    "host": "The host ended; it is started again, and migrations go on where they were.",
}


def run(clock: str, plan_path: Path, console: Console) -> int:
    """Keep the stack up until Ctrl-C; the world is the one that a plan finds."""
    scene = read_scene(plan_path)
    with running(new_folder(), clock, on_disk=True) as stack:
        build(scene.world, stack.world_places)
        _say(console, stack, plan_path)
        registrar = Registrar(stack.places.simulator, scene.world)
        while True:
            look_after(stack, console)
            for vault in registrar.look():
                console.print(Text(f"The source's server registers with {vault.rpartition('/')[2]}; confirm its gate."))
            time.sleep(2)


def look_after(stack: Stack, console: Console) -> None:
    """Start again what ended, with what it held: migrations go on. What does not start is tried at the next look."""
    for part in stack.ended():  # whom others ask comes first
        console.print(Text(ENDED[part.name]), soft_wrap=True)
        try:
            stack.start_again(part)
        except (StackError, AzuriteError) as failed:
            console.print(Text(f"It did not start; it is tried again. {failed}"), soft_wrap=True)
        else:
            console.print(Text("It runs again."))


def _say(console: Console, stack: Stack, plan_path: Path) -> None:
    """Say where everything is and what to do next."""
    cli = f"AZFERRY_KEY={stack.key} .venv/bin/azferry --url {stack.host.url} --by you"
    lines = (
        f"The page:   {stack.host.url}/?code={stack.key}",
        f"The API:    {stack.host.url}/api/openapi.json",
        f"The clock:  {stack.places.clock}",
        f"Logs:       {stack.folder}",
        "",
        "Start the example and watch it; gates wait for you:",
        f"  {cli} start {plan_path} --watch",
        f"  {cli} list",
        "",
        "Ctrl-C stops everything.",
    )
    for line in lines:
        console.print(Text(line), soft_wrap=True)
