"""A small migration that was played, as its report tells it: two waves, the second behind the first, a nightly window."""

from datetime import UTC, datetime, timedelta

from local.forecast.foretelling import Played, foretold
from shared.plan.model import Plan
from tests.clouds import target

BEGIN = datetime(2026, 11, 30, 8, tzinfo=UTC)
STEPS = {"check_connectivity": 0, "enable_replication": 10, "initial_sync": 40}


def at(minutes):
    return BEGIN + timedelta(minutes=minutes)


def iso(minutes):
    return at(minutes).isoformat()


def event(minutes, what, machine="", wave="", phase="", **more):
    return {"at": iso(minutes), "what": what, "machine": machine, "wave": wave, "phase": phase, **more}


def events_of(name, wave, copied, cutover):
    """The events of a machine whose first copy is through at one moment, and whose cutover begins at another, in minutes."""
    began = {**STEPS, "start_test_failover": copied, "clean_up_test_failover": copied + 10}
    began |= {"quiesce": cutover, "stop_source": cutover + 5, "fail_over": cutover + 6, "verify": cutover + 16}
    began |= {"complete_migration": cutover + 20}
    for phase, minutes in began.items():
        yield event(minutes, f"{phase.replace('_', '-')}-began", name, wave, phase)
    yield event(15, "enable-submitted", name, wave, "enable_replication", data={"job": f"enable-{name}"})
    yield event(40, f"job-ended-enable-{name}", name, wave, "enable_replication", text="Enable replication ended well")
    yield event(copied, "in-step", name, wave, "initial_sync")
    yield event(
        copied + 15, "job-ended-x", name, wave, "clean_up_test_failover", text="Test failover cleanup ended well"
    )
    yield event(cutover + 22, "finalized", name, wave, "clean_up")


def row(name, wave, ready, cutover, **more):
    marks = {"readyForCutover": iso(ready), "stopRequested": iso(cutover + 5), "up": iso(cutover + 20)}
    disks = [{"sizeGib": 30}, {"sizeGib": 70}]
    seen = {"name": name, "wave": wave, "state": "Finalized", "marks": marks, "source": {"disks": disks}}
    return {**seen, "downtimeSeconds": 900} | more


def decided(minutes, wave, *names):
    decision = {"gate": "cutover", "waves": [wave], "machines": list(names)}
    return event(minutes, f"decided-cutover-{wave}", wave=wave, decision=decision)


def plan(**more):
    def wave(name, *machines, **also):
        listed = [
            {"name": each, "source": {"privateIp": f"10.0.2.{number}"}} for number, each in enumerate(machines, 4)
        ]
        return {"name": name, "machines": listed, **also}

    window = {"start": "2026-11-30T12:00:00", "length": "PT2H", "timeZone": "UTC", "every": "daily"}
    first = wave("first", "db1", "web1", cutover={"windows": [window | more]})
    whole = {"name": "small", "target": target(), "waves": [first, wave("second", "app1", dependsOn=["first"])]}
    return Plan.model_validate({**whole, "source": {"aws": {"region": "eu-west-1"}}})


def report():
    """The first wave goes at noon, when its window opens; the second waits for it."""
    events = [
        *events_of("db1", "first", 120, 240),
        *events_of("web1", "first", 60, 240),
        *events_of("app1", "second", 90, 262),
        decided(180, "first", "db1", "web1"),
        decided(150, "second", "app1"),
        event(262, "wave-ended", wave="first"),
        event(284, "wave-ended", wave="second"),
    ]
    machines = [row("db1", "first", 135, 240), row("web1", "first", 75, 240), row("app1", "second", 105, 262)]
    migration = {"id": "small.1", "plan": "small", "scenario": "aws-to-azure", "mode": "appliance"}
    migration |= {"startedAt": iso(0), "endedAt": iso(284), "outcome": "Succeeded"}
    return {"migration": migration, "machines": machines, "events": events}


def outlook(changed=None, **more):
    """The forecast of it; `changed` may alter the report before it is read."""
    seen = report()
    if changed:
        changed(seen)
    return foretold(Played(**({"report": seen, "plan": plan()} | more)), at(0))
