"""One decision, from the request that approves a machine's cutover until its failover is asked for: who carries it."""

import asyncio
import inspect
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import azure.functions as func
import pytest

from shared.coordination import gates
from shared.ids import instance_id
from shared.models import Scope
from shared.settings import settings
from tests.activities.migration_harness import ACTIVITIES, MigrationHarness, acting, bodies, plan_of
from tests.architecture import ROOT
from tests.decision_walk import DecisionWalk
from tests.play import Happening, Stage
from tests.served import functions

BEGUN = ("cut_over_cohort", "walk_machine", "fail_over")  # children that the decision comes to
LOOKED_INTO = ("poll_approval", "start_failover")  # the other activities between know nothing of it
MOST_FUNCTIONS, MOST_FILES = 45, 25


class FailoverAsked(BaseException):
    """Site Recovery was asked for the failover: what follows is no part of the walk."""


class ApprovedStage(Stage):
    """A wave whose cutover is approved over HTTP half an hour after it was asked for; the decision is followed."""

    def __init__(self, ferry: MigrationHarness, walk: DecisionWalk) -> None:
        super().__init__(children=bodies(), **{name: self._followed(name, ferry.acting(name)) for name in ACTIVITIES})
        self.ferry, self.walk, self.approved = ferry, walk, False

    def begin(self, name: str, wire: Any, instance_id: str) -> Happening:
        if name in BEGUN and not self.walk.deaf:
            self.walk.hand_over(inspect.currentframe())
        return super().begin(name, wire, instance_id)

    async def raise_event(self, instance: str, event: str, _data: Any = None) -> None:
        """Raise an event, as the durable client does."""
        self.tell(instance, event)

    def _followed(self, name: str, act: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def follow(wire: Any) -> Any:
            deaf, self.walk.deaf = self.walk.deaf, self.walk.deaf or name not in LOOKED_INTO
            answer = act(wire)
            if name == "start_failover":
                raise FailoverAsked
            self.walk.deaf = deaf
            if name == "poll_approval" and not self.approved and gates.of_migration(self.ferry.migration):
                self.approved = True
                self.do(timedelta(minutes=30), self._approve)
            return answer

        return follow

    def _approve(self) -> None:
        body = json.dumps({"gate": "cutover", "decision": "approve", "by": "bob", "comment": "go"}).encode()
        url, where = "https://app/api/migrations/m/approvals", {"migration": self.ferry.migration}
        request = func.HttpRequest("POST", url, headers={}, params={}, route_params=where, body=body)
        self.walk.deaf = False
        answer = asyncio.run(approvals()(request, client=self))
        assert answer.status_code == 202


def approvals() -> Callable[..., Any]:
    """The function behind `POST …/approvals`, below the SDK's wrapper, which makes a client of the binding's text."""
    found: Any = next(
        each.get_user_function() for each in functions() if each.get_function_name() == "command_approvals"
    )
    while str(getattr(inspect.getmodule(found.__code__), "__name__", "")).startswith("azure.durable"):
        found = found.__wrapped__
    return found  # type: ignore[no-any-return]  # the worker's functions have no type


@pytest.fixture
def walk(ferry: MigrationHarness, monkeypatch: pytest.MonkeyPatch) -> DecisionWalk:
    """What a decision went through from its request until Site Recovery was asked for the failover."""
    monkeypatch.setenv("AZFERRY_LOCAL", "true")
    settings.cache_clear()
    plan = plan_of("web1")
    plan["waves"][0]["gates"] = {"test": "skip", "cutover": "manual"}
    ferry.begin(plan=plan)
    ferry.prepare()
    walk = DecisionWalk()
    acting["stage"] = stage = ApprovedStage(ferry, walk)
    stage.now, place = ferry.cloud.now(), ferry.place(kind=Scope).replace(wave=ferry.wave)
    with walk.listening(), pytest.raises(FailoverAsked):
        stage.play(bodies()["migrate_wave"][1], place, instance_id(place))
    return walk


def test_what_carries_a_decision_is_few_and_stands_in_the_newcomer_s_walk(walk: DecisionWalk) -> None:
    steps = [f"{file}: {name}" for file, name in walk.steps()]

    assert len(steps) <= MOST_FUNCTIONS, "\n".join(steps)
    assert len({file for file, _ in walk.steps()}) <= MOST_FILES
    assert steps == re.findall(r"^\d+\. `(.+?: .+?)`", (ROOT / "docs" / "architecture.md").read_text(), re.MULTILINE)
