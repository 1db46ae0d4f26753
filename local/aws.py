"""Starts moto's server: EC2, STS and IAM over the real wire protocol, in this process.

Four things are added to moto, where it has no way of its own: its images are those of `local/world/images.py`; images and
instances say their platform in words (`PlatformDetails`), as EC2 does; and whoever makes the world may name the id that a new
VPC, subnet or instance gets (header `x-local-id`), so that a plan that names instances finds them; and the other stand-ins hear which instances are off. What moto does not do
stays so: ClientToken does not make RunInstances idempotent, and its time is the wall clock's.
"""

import argparse
import json
import logging
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .power import Neighbours, watch
from .world.images import IMAGES, image_json

ID_HEADER = "x-local-id"


@contextmanager
def running(port: int = 0, neighbours: Neighbours | None = None) -> Iterator[str]:
    """Serve AWS until the block ends; gives its URL. Once a process: moto keeps its state in module variables."""
    _teach_moto(neighbours or Neighbours())
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - moto reads its images when it is imported

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        host, bound = server.get_host_and_port()
        yield f"http://{host}:{bound}"
    finally:
        server.stop()


def _teach_moto(neighbours: Neighbours) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "images.json")
        path.write_text(json.dumps([image_json(image) for image in IMAGES.values()]))
        os.environ["MOTO_AMIS_PATH"] = str(path)
        from moto.ec2.models import amis, instances, subnets, vpcs  # noqa: PLC0415 - see above

    for module, name in ((instances, "random_instance_id"), (subnets, "random_subnet_id"), (vpcs, "random_vpc_id")):
        original = getattr(module, name)
        if not hasattr(original, "asks_first"):
            setattr(module, name, _named(original))
    details = {image.ami: image.platform_details for image in IMAGES.values()}
    # unknown images (made from instances) are Linux to EC2 unless they say otherwise
    setattr(amis.Ami, "platform_details", property(lambda ami: details.get(ami.id, "Linux/UNIX")))  # noqa: B010 - not declared
    setattr(instances.Instance, "platform_details", property(lambda one: details.get(one.image_id, "Linux/UNIX")))  # noqa: B010 - not declared
    tell(neighbours)


def tell(neighbours: Neighbours) -> None:
    """Tell these of every instance that is switched off or on from here on."""
    from moto.ec2.models import instances  # noqa: PLC0415 - see above

    watch(instances.Instance, neighbours)


def _named(original: Callable[[], str]) -> Callable[[], str]:
    """Return a maker of ids that takes the one the request asks for."""
    from flask import has_request_context, request  # noqa: PLC0415 - comes with moto's server

    def make() -> str:
        wanted = request.headers.get(ID_HEADER, "") if has_request_context() else ""
        return wanted or original()

    make.asks_first = True  # type: ignore[attr-defined]  # marks that moto was taught already
    return make


def main() -> None:
    """Serve until stopped; prints `listening on http://127.0.0.1:PORT`."""
    parser = argparse.ArgumentParser(prog="python -m local.aws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument("--simulator", default="", help="URL of the simulator that hears which machines are off")
    parser.add_argument("--ssm", default="", help="URL of the SSM stand-in that hears it too")
    args = parser.parse_args()
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    with running(args.port, Neighbours(args.simulator, args.ssm)) as url:
        print(f"listening on {url}", flush=True)  # noqa: T201  # read by the stack
        stop.wait()


if __name__ == "__main__":
    main()
