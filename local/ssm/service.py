"""The state of the stand-in: instances, commands, faults, and the effects of a command."""

import re
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..script_results import plain
from .agent_script import UNREACHABLE, installation
from .command import Command, Invocation
from .errors import SsmError
from .inspected import inspected, inspects
from .machines import Fault, Instance, Outcome
from .reach import Reach, tried

KEPT = timedelta(days=30)  # SSM forgets older commands (documented)
DOCUMENTS = {"AWS-RunShellScript": "Linux", "AWS-RunPowerShellScript": "Windows"}
Registration = Callable[[str, datetime | None], Awaitable[None]]


class Service:
    """Everything that SendCommand changes; `register` tells the simulator when an agent of an IP appears (None: not)."""

    def __init__(self, register: Registration, reach: Reach | None = None) -> None:
        self.register = register
        self.reach = reach or Reach(None)
        self.instances: dict[str, Instance] = {}
        self.commands: dict[str, Command] = {}
        self.faults: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.missing: set[str] = set()  # places where no agent finds a file; what a plan names is there otherwise
        self.handed: set[str] = set()  # instances onto which a person put the file that their agent registers with
        self.registered: set[str] = set()
        self.spent: dict[tuple[str, int], int] = {}

    def reset(self) -> None:
        """Forget everything."""
        self.instances.clear()
        self.commands.clear()
        self.faults.clear()
        self.calls.clear()
        for each in (self.missing, self.handed, self.registered):
            each.clear()
        self.spent.clear()

    def put(self, instance: Instance) -> None:
        """Take an instance in, or replace it and begin counting its outcomes anew."""
        self.instances[instance.instance_id] = instance
        self.spent = {key: count for key, count in self.spent.items() if key[0] != instance.instance_id}

    def managed(self, region: str) -> list[Instance]:
        """Return the instances that have an agent and are seen from this region."""
        return [each for each in self.instances.values() if each.agent and each.region in (None, region)]

    def fault(self, operation: str, *, after: bool) -> Fault | None:
        """Take the next fault of this operation and moment off the list, one of its times."""
        for index, fault in enumerate(self.faults):
            if fault.operation == operation and fault.after is after:
                remaining = [fault.model_copy(update={"times": fault.times - 1})] if fault.times > 1 else []
                self.faults[index : index + 1] = remaining
                return fault
        return None

    async def send(self, request: Mapping[str, Any], region: str, now: datetime) -> Command:
        """Send a command; nothing is kept when the simulator could not be told of the agent that will appear."""
        command = _command(request, region, now)
        for instance in self._chosen(request, region):
            _check_platform(command.document, instance)
            invocation = self._invocation(command, instance)
            command.invocations[instance.instance_id] = await self._hindered(command, instance, invocation)
        await self._tell(command)
        self.commands[command.command_id] = command
        return command

    async def cancel(self, command: Command, instance_ids: Sequence[str], now: datetime) -> None:
        """Cancel what has not ended yet; the rest is left as it is."""
        for instance_id in instance_ids or tuple(command.invocations):
            invocation = command.invocations[instance_id]
            if invocation.cancelled is None and now < invocation.ends:
                invocation.cancelled = now
                if installation(plain(command.text)) and invocation.succeeds:
                    await self.register(self.instances[instance_id].private_ip, None)
                    self.registered.discard(instance_id)

    def known(self, region: str, now: datetime) -> list[Command]:
        """Return the commands of a region that SSM still remembers, newest first."""
        recent = (each for each in self.commands.values() if each.region == region and now - each.requested < KEPT)
        return sorted(recent, key=lambda command: command.requested, reverse=True)

    def _chosen(self, request: Mapping[str, Any], region: str) -> list[Instance]:
        managed = {each.instance_id: each for each in self.managed(region)}
        ids = list(request.get("InstanceIds", ()))
        if unknown := [each for each in ids if each not in managed]:
            raise SsmError("InvalidInstanceId", f"Instances [[{', '.join(unknown)}]] not in a valid state for account")
        matched = _targeted(managed.values(), request.get("Targets", ()))
        return [managed[each] for each in ids] if ids else matched

    def _invocation(self, command: Command, instance: Instance) -> Invocation:
        limit = int((command.parameters.get("executionTimeout") or ["3600"])[0])
        outcome = self._outcome(instance, plain(command.text))
        if instance.ping != "Online":
            outcome = Outcome(result="undeliverable")
        return Invocation(
            instance_id=instance.instance_id,
            instance_name=instance.computer_name,
            sent=command.requested,
            delivery_limit=timedelta(seconds=command.timeout_seconds),
            run_limit=timedelta(seconds=limit),
            outcome=outcome,
            script=command.text,
            platform=instance.platform_type,
        )

    async def _hindered(self, command: Command, instance: Instance, invocation: Invocation) -> Invocation:
        """Let what would succeed end as the machine's own state has it: an installation, a look inside, a try to connect."""
        text = plain(command.text)
        if invocation.succeeds and inspects(text):
            return replace(invocation, outcome=invocation.outcome.model_copy(update={"stdout": inspected(instance)}))
        if invocation.succeeds and tried(text):
            return await self._trying(command, instance, invocation)
        attempt = installation(text)
        if attempt is None or not invocation.succeeds:
            return invocation
        port = await self.reach.closed_port(attempt.appliance, instance.private_ip, command.region)
        if port is not None:
            complaint = f"the appliance does not answer on port {port}"
            return replace(invocation, outcome=Outcome(result="failure", exit_code=UNREACHABLE, stderr=complaint))
        own = instance.instance_id
        judged = attempt.judged(registered=own in self.registered, handed=own in self.handed, missing=self.missing)
        return replace(invocation, outcome=judged) if judged else invocation

    async def _trying(self, command: Command, instance: Instance, invocation: Invocation) -> Invocation:
        """Let a check say what does not answer."""
        others = self.instances.values()
        shut = await self.reach.unanswered(plain(command.text), instance, others, command.region)
        if not shut:
            return invocation
        complaint = "\n".join(f"port {port} of {host} is not reachable" for host, port in shut)
        return replace(invocation, outcome=Outcome(result="failure", exit_code=UNREACHABLE, stderr=complaint))

    def _outcome(self, instance: Instance, text: str) -> Outcome:
        for index, outcome in enumerate(instance.outcomes):
            spent = self.spent.get((instance.instance_id, index), 0)
            if re.search(outcome.match, text) and (outcome.times is None or spent < outcome.times):
                self.spent[instance.instance_id, index] = spent + 1
                return outcome
        return Outcome()

    async def _tell(self, command: Command) -> None:
        if installation(plain(command.text)):
            for invocation in command.invocations.values():
                if invocation.succeeds:
                    await self.register(self.instances[invocation.instance_id].private_ip, invocation.ends)
                    self.registered.add(invocation.instance_id)


def _command(request: Mapping[str, Any], region: str, now: datetime) -> Command:
    document = str(request["DocumentName"]).rpartition("/")[2]
    if document not in DOCUMENTS:
        raise SsmError("InvalidDocument", f"Document with name {document} does not exist.")
    parameters = request.get("Parameters", {})
    if not parameters.get("commands"):
        raise SsmError("InvalidParameters", "Parameter commands is required")
    return Command(
        command_id=str(uuid.uuid4()),
        document=document,
        version=request.get("DocumentVersion", "$DEFAULT"),
        comment=request.get("Comment", ""),
        parameters=parameters,
        timeout_seconds=int(request.get("TimeoutSeconds", 3600)),
        requested=now,
        targets=request.get("Targets", ()),
        request=request,
        region=region,
    )


def _check_platform(document: str, instance: Instance) -> None:
    if DOCUMENTS[document] != instance.platform_type:
        text = f"The document {document} is not supported on instance {instance.instance_id}"
        raise SsmError("UnsupportedPlatformType", text)


def _targeted(managed: Iterable[Instance], targets: Iterable[Mapping[str, Any]]) -> list[Instance]:
    wanted = list(targets)
    return [each for each in managed if wanted and all(_hit(each, target) for target in wanted)]


def _hit(instance: Instance, target: Mapping[str, Any]) -> bool:
    key, values = str(target.get("Key", "")), target.get("Values", ())
    if key == "InstanceIds":
        return instance.instance_id in values
    if key == "tag-key":
        return any(value in instance.tags for value in values)
    return key.startswith("tag:") and instance.tags.get(key.removeprefix("tag:")) in values
