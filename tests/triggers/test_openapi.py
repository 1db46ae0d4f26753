"""The OpenAPI document is valid, tells every route, and its examples fit."""

import json
import re

import jsonschema
import pytest
from openapi_spec_validator import validate

from tests.triggers.conftest import FUNCTIONS


@pytest.fixture
def document(ask):
    return ask("GET", "/api/openapi.json").body


def test_the_document_is_valid_openapi(document):
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_route_of_the_api_is_documented_and_nothing_else(document):
    served = {
        (method.value.lower(), f"/{trigger.route}")
        for trigger, _ in FUNCTIONS.values()
        if trigger.type == "httpTrigger" and trigger.route.startswith("api/")
        for method in trigger.methods
    }
    documented = {(method, path) for path, methods in document["paths"].items() for method in methods}

    assert served == documented


def test_examples_of_bodies_fit_their_schemas(document):
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    bodies = [body for each in operations for body in each.get("requestBody", {}).get("content", {}).values()]

    assert len(bodies) > 10
    for body in bodies:
        schema = {**body["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(body["example"])


def test_every_operation_that_can_refuse_names_the_problem_document(document):
    text = json.dumps(document["paths"])

    assert re.search("application/problem\\+json", text)
    for methods in document["paths"].values():
        for operation in methods.values():
            refusals = {status for status in operation["responses"] if status >= "400" and status != "401"}
            assert {"500", "503"} <= refusals


def test_the_schema_of_plans_is_served_as_it_is(ask):
    assert "https://azferry.dev/schemas/plan" == ask("GET", "/api/schemas/plan").body["$id"]
