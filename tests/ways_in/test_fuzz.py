"""Whatever is sent: no answer is a server's error, and every answer is as the OpenAPI document says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from triggers.openapi import document

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
FEW = 2


def small(part):
    """Ask for few of everything: a plan may have thousands of machines, and this is about answers, not about size."""
    if isinstance(part, list):
        return [small(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {name: min(value, FEW) if name == "maxItems" else small(value) for name, value in part.items()}


schema = schemathesis.openapi.from_dict(small(document()))
schema.config.phases.coverage.enabled = False


@pytest.mark.filterwarnings("ignore")  # of the fuzzer's own making
@schema.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_documented(app, case):
    answer = case.call(base_url=str(app.client.base_url).rstrip("/"), headers={"x-functions-key": app.key})

    case.validate_response(answer, checks=CHECKS)
