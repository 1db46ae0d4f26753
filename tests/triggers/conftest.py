"""Calls the app's HTTP functions as the worker does, on storage within this process, with a client that notes what is asked."""

import asyncio
import inspect
import json
from dataclasses import dataclass, field
from importlib import import_module
from types import SimpleNamespace
from urllib.parse import urlsplit

import azure.functions as func
import pytest

import function_app
from local.storage.service import CONNECTION
from shared.decisions.people import played, vouched_for
from shared.plan.schema import EXAMPLE
from shared.settings import settings
from shared.storage import tables
from triggers.principal import NAME, PRINCIPAL


@dataclass
class NotingClient:
    """Stands for the durable client: what was started runs, and every event is noted."""

    started: dict = field(default_factory=dict)
    raised: list = field(default_factory=list)
    states: dict = field(default_factory=dict)

    async def start_new(self, name, instance_id=None, client_input=None):
        self.started.setdefault(instance_id, []).append((name, client_input))
        self.states[instance_id] = "Running"
        return instance_id

    async def get_status(self, instance_id):
        state = self.states.get(instance_id)
        return SimpleNamespace(runtime_status=SimpleNamespace(name=state) if state else None, output=None)

    async def raise_event(self, instance_id, event_name, event_data=None):
        self.raised.append((instance_id, event_name))


def functions():
    found = {}
    app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)  # one of our own: an app lists its functions once
    for name in function_app.TRIGGERS:
        app.register_functions(import_module(f"triggers.{name}").bp)
    for each in app.get_functions():
        trigger = each.get_trigger()
        found[each.get_function_name()] = (trigger, each.get_user_function())
    return found


FUNCTIONS = functions()


@pytest.fixture
def client():
    return NotingClient()


@pytest.fixture
def storage(storage_in_process):
    """Storage with nothing in it; who needs queues takes Azurite's."""
    storage_in_process.empty()
    return CONNECTION


@pytest.fixture
def local(monkeypatch, storage, unique):
    monkeypatch.setenv("AZFERRY_STORAGE", storage)
    monkeypatch.setenv("AZFERRY_TABLE_PREFIX", unique)
    monkeypatch.setenv("AZFERRY_PLANS_CONTAINER", unique)
    monkeypatch.setenv("AZFERRY_QUEUE", unique)
    monkeypatch.setenv("AZFERRY_LOCAL", "true")
    settings.cache_clear()
    tables.forget()
    yield monkeypatch
    settings.cache_clear()
    tables.forget()


def principal(name="ada@x", *roles, **more):
    """The headers with which the platform vouches for a person."""
    person = played(name, [f"azferry.{role}" for role in roles or ("owner",)]).replace(**more)
    return {PRINCIPAL: vouched_for(person), NAME: name}


def with_settings(local, **environment):
    """Tell the app something else by its environment; it reads that once."""
    for name, value in environment.items():
        local.setenv(name, value)
    settings.cache_clear()


@dataclass
class Answer:
    status: int
    headers: dict
    raw: bytes

    @property
    def body(self):
        return json.loads(self.raw)


def match(template, path):
    wanted, given = template.strip("/").split("/"), path.strip("/").split("/")
    if len(wanted) != len(given):
        return None
    if any(part != other for part, other in zip(wanted, given, strict=True) if not part.startswith("{")):
        return None
    return {part.strip("{}"): other for part, other in zip(wanted, given, strict=True) if part.startswith("{")}


@pytest.fixture
def ask(local, client):
    """Ask the app as over HTTP."""

    def send(method, url, body=b"", headers=None):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        parts = urlsplit(url)
        params = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
        for trigger, function in FUNCTIONS.values():
            if trigger.type != "httpTrigger" or method not in [each.value for each in trigger.methods or ()]:
                continue
            found = match(trigger.route, parts.path)
            if found is None:
                continue
            request = func.HttpRequest(
                method, f"https://app{url}", headers=headers or {}, params=params, route_params=found, body=raw
            )
            return answered(function, request)
        raise AssertionError(f"no route for {method} {url}")

    def answered(function, request):
        response = run(function, request, client)
        return Answer(response.status_code, dict(response.headers), response.get_body())

    return send


def run(function, *given, **bindings):
    """Call a function as the worker does, but below the SDK's wrapper, which makes a client of the binding's text."""
    *given, client = given
    if "client" in inspect.signature(inspect.unwrap(function)).parameters:
        bindings["client"] = client
    ours = function
    while inspect.getmodule(ours.__code__).__name__.startswith("azure.durable"):
        ours = ours.__wrapped__
    result = ours(*given, **bindings)
    return asyncio.run(result) if inspect.isawaitable(result) else result


@pytest.fixture
def call(local, client):
    """Call a function that no HTTP request triggers."""
    return lambda name, *given, **bindings: run(FUNCTIONS[name][1], *given, client, **bindings)


@pytest.fixture
def plan():
    return json.loads(json.dumps(EXAMPLE))
