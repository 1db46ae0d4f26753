"""Whatever is sent: no answer is a server's error, and every answer is as the OpenAPI document says."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of

from triggers.openapi import document

FEW = 5
METHODS = ("get", "put", "post", "patch", "delete")
QUIET = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations():
    """Give method and path of everything that is documented."""
    paths = document()["paths"].items()
    return [f"{method.upper()} {path}" for path, methods in paths for method in METHODS if method in methods]


def small(part):
    """Ask for few of everything: a plan may have thousands of machines, and this is about answers, not about size."""
    if isinstance(part, list):
        return [small(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {name: min(value, FEW) if name == "maxItems" else small(value) for name, value in part.items()}


@pytest.fixture(scope="module")
def schema():
    """Read when a test asks for it: each worker of xdist collects these tests, and only one of them runs them."""
    import schemathesis  # noqa: PLC0415 - see above

    return schemathesis.openapi.from_dict(small(document()))


@pytest.fixture(scope="module")
def checks():
    from schemathesis.checks import not_a_server_error  # noqa: PLC0415 - see above
    from schemathesis.specs.openapi import checks  # noqa: PLC0415 - see above

    conformance = (checks.content_type_conformance, checks.response_schema_conformance, checks.status_code_conformance)
    return [not_a_server_error, *conformance]


@pytest.mark.filterwarnings("ignore")  # of the fuzzer's own making
@pytest.mark.parametrize("operation", operations())
def test_every_answer_is_as_documented(app, schema, checks, operation):
    def answered(case):
        answer = case.call(base_url=str(app.client.base_url).rstrip("/"), headers={"x-functions-key": app.key})
        case.validate_response(answer, checks=checks)

    method, path = operation.split()
    documented = schema[path][method]
    for example in documented.get_strategies_from_examples():
        settings(QUIET, max_examples=1)(given(case=example)(answered))()
    cases = one_of(documented.as_strategy(generation_mode=mode) for mode in schema.config.generation.modes)
    settings(QUIET, max_examples=6)(given(case=cases)(answered))()
