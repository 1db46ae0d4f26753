"""Fills what moto lacks of EC2.

- Its images are those of `local/world/images.py`; images and instances say their platform in words (`PlatformDetails`).
- Whoever makes the world may name the id that a new VPC, subnet or instance gets (header `x-local-id`), so that a plan that
  names instances finds them.
- RunInstances with a ClientToken that was used gives the same instance again, as EC2 does (documented), and refuses the
  token for another image, type or subnet.
- An instance in a subnet that is launched without groups gets the default group of its VPC (documented).
- The other stand-ins hear which instances are off.
- Instances say how they booted, where their image says what it prefers.
- It refuses and forgets what EC2 does (`moto_refusals.py`).

What stays moto's: its time is the wall clock's, and a change of state is done at once.
"""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .moto_haste import hasten
from .moto_refusals import begin_starting, teach_refusals
from .power import Neighbours, watch
from .world.images import IMAGES, image_json

ID_HEADER = "x-local-id"


def teach_moto(neighbours: Neighbours) -> None:
    """Fill the gaps, before anything else imports moto; again in the same process only the neighbours change."""
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
    setattr(instances.Instance, "platform_details", property(lambda vm: details.get(vm.image_id, "Linux/UNIX")))  # noqa: B010 - not declared
    _teach_boot_modes(instances.Instance)
    backend = instances.InstanceBackend
    if not hasattr(backend.run_instances, "once"):
        setattr(backend, "run_instances", _once(backend.run_instances))  # noqa: B010 - a method is replaced
    teach_refusals()
    hasten()
    tell(neighbours)


def _teach_boot_modes(kind: Any) -> None:
    """Let instances say what their image asks for, and how they booted.

    Recorded: of twelve instances whose image prefers UEFI ten booted with legacy BIOS; who says nothing has no key.
    """
    boot_modes = {image.ami: image.boot_mode for image in IMAGES.values()}
    booted = {"uefi-preferred": "legacy-bios"}
    kind.boot_mode = property(lambda instance: boot_modes.get(instance.image_id) or None)
    kind.current_instance_boot_mode = property(lambda image: booted.get(mode := image.boot_mode, mode))


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


def _once(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a RunInstances that acts once for each ClientToken."""
    from moto.ec2.exceptions import EC2ClientError  # noqa: PLC0415 - moto is imported late

    def run(backend: Any, image_id: str, *args: Any, **options: Any) -> Any:
        token = options.get("client_token")
        known = next((each for each in backend.reservations.values() if each.instances[0].client_token == token), None)
        if known is None:
            made = original(backend, image_id, *args, **(options | _default_group(backend, args, options)))
            for instance in made.instances:
                begin_starting(instance)
            return made
        first = known.instances[0]
        if (first.image_id, first.instance_type) != (image_id, options.get("instance_type")):
            text = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
            raise EC2ClientError("IdempotentParameterMismatch", text)
        return known

    run.once = True  # type: ignore[attr-defined]  # marks that moto was taught already
    return run


def _default_group(backend: Any, args: tuple[Any, ...], request: dict[str, Any]) -> dict[str, Any]:
    """Return the default group of the subnet's VPC for an instance that names no group, as EC2 does (documented)."""
    named = (
        request.get("security_group_ids")
        or request.get("nics")
        or any(isinstance(each, list) and each for each in args)
    )
    if named or not request.get("subnet_id"):
        return {}
    group = backend.get_default_security_group(backend.get_subnet(request["subnet_id"]).vpc_id)
    return {"security_group_ids": [group.id]} if group else {}
