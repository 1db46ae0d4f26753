"""`run`: the stack with a world in it, kept up until it is stopped."""

import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ..world.build import build
from .folder import new_folder
from .migrate import read_scene
from .part import StackError
from .registrar import Registrar
from .stack import Stack, running


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
    """Start storage, Systems Manager and host again when they ended: what runs goes on. Raises `StackError` for other parts.

    A host that dies while it starts is tried again at the next look. The simulator and EC2 keep their world in
    memory: without one of them there is nothing to go on with.
    """
    ended = stack.ended()
    for part in ended:
        if part not in (stack.host, stack.storage, stack.ssm):
            raise StackError(f"{part.name} ended by itself:\n{part.tail()}")
    if stack.storage in ended:
        console.print(Text("The storage ended; it is started again with what it had on disk."))
        stack.start_storage_again()
    if stack.ssm in ended:
        console.print(Text("Systems Manager ended; it is started again with what it kept."))
        stack.start_ssm_again()
    if stack.host in ended:
        console.print(Text("The host ended; it is started again, and migrations go on where they were."))
        try:
            stack.start_host()
        except StackError as failed:
            console.print(Text(f"It did not start; it is tried again. {failed}"))


def _say(console: Console, stack: Stack, plan_path: Path) -> None:
    """Say where everything is and what to do next."""
    cli = f"python -m cli --url {stack.host.url} --key {stack.key} --by you"
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
