"""What runs in Azure is described without loose ends, as far as texts tell; the compiler is asked in test_compiled.py."""

import json
import re

import pytest
import yaml

from local.stack.environment import Places, for_app
from shared.settings import PREFIX, Settings
from tests.infra.bicep import (
    FILES,
    INFRA,
    MAIN,
    ROOT,
    arguments,
    code,
    declared,
    modules,
    object_keys,
    required,
    tree,
    uses,
)

# Stand-ins are addressed by these; in Azure nothing stands in, so they keep their defaults.
ONLY_LOCAL = {
    "arm_endpoint",
    "arm_token",
    "aws_endpoint",
    "ssm_endpoint",
    "clock_url",
    "local",
    "storage",
    "partitions",
    "gathering",
    "copies_every",
}
APP = INFRA / "modules" / "function-app.bicep"
STORAGE = INFRA / "modules" / "storage.bicep"
SETTINGS = object_keys(APP, "settings")


def name(path):
    return path.relative_to(INFRA).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_parses_and_holds_something(path):
    assert tree(path).get("resources") or tree(path).get("modules")


@pytest.mark.parametrize("path", FILES, ids=name)
@pytest.mark.parametrize("kind", ["parameters", "variables"])
def test_whatever_is_declared_is_used(path, kind):
    assert [] == sorted(each for each in declared(path, kind) if not uses(path, each))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_file_of_every_module_exists_and_gets_what_it_asks_for(path):
    for symbol, file in modules(path):
        assert file in FILES
        given = arguments(path, symbol)
        assert (set(), set()) == (required(file) - given, given - declared(file, "parameters")), symbol


def test_every_file_is_called_by_another():
    called = {file for path in FILES for _, file in modules(path)}

    assert {MAIN} == set(FILES) - called


def test_every_file_that_is_loaded_exists():
    loaded = [(path, each) for path in FILES for each in re.findall(r"loadJsonContent\('([^']+)'\)", code(path))]

    assert loaded
    assert [] == [(path, each) for path, each in loaded if not (path.parent / each).is_file()]


def test_every_output_of_a_module_is_read_and_every_read_one_exists():
    assert dict(modules(MAIN))
    for path in FILES:
        files = dict(modules(path))
        read = set(re.findall(r"\b(\w+)!?\.outputs\.(\w+)", code(path)))
        existing = {(symbol, each) for symbol, file in files.items() for each in declared(file, "outputs")}
        assert read == existing


def test_every_output_of_the_whole_is_in_capitals_and_told_in_the_documents():
    document = (ROOT / "docs" / "deploy.md").read_text()
    outputs = declared(MAIN, "outputs")

    assert [] == [each for each in outputs if each != each.upper()]
    assert [] == [each for each in sorted(outputs) if f"`{each}`" not in document]


def test_azd_passes_every_parameter_that_has_no_default_and_none_that_does_not_exist():
    passed = json.loads((INFRA / "main.parameters.json").read_text())["parameters"].keys()

    assert (set(), set()) == (required(MAIN) - passed, passed - declared(MAIN, "parameters"))


def test_every_variable_of_the_environment_is_told_in_the_documents():
    document = (ROOT / "docs" / "deploy.md").read_text()
    variables = set(re.findall(r"\$\{(\w+)", (INFRA / "main.parameters.json").read_text()))

    assert [] == [each for each in sorted(variables) if f"`{each}`" not in document]


def test_azd_finds_the_infrastructure_and_the_app():
    project = yaml.safe_load((ROOT / "azure.yaml").read_text())
    service = project["services"]["azferry"]

    assert MAIN == ROOT / project["infra"]["path"] / f"{project['infra']['module']}.bicep"
    assert ("python", "function", ".") == (service["language"], service["host"], service["project"])
    assert "'azd-service-name': 'azferry'" in code(APP)
    assert "'azd-env-name': environmentName" in code(MAIN)


def test_every_setting_of_the_app_is_set_or_keeps_its_default_on_purpose():
    ours = {each.removeprefix(PREFIX).lower() for each in SETTINGS if each.startswith(PREFIX)}

    assert Settings.model_fields.keys() - ONLY_LOCAL == ours


def test_names_of_people_are_believed_exactly_where_they_sign_in():
    assert "empty(authClientId) ? 'false' : 'true'" == SETTINGS["AZFERRY_SIGN_IN"]
    assert "platform: { enabled: !empty(authClientId) }" in code(APP)
    assert "requireAuthentication: !empty(authClientId)" in code(APP)
    assert "excludedPaths: []" in code(APP), "no path is left open: there is no key behind it"


def test_names_in_storage_are_those_that_the_app_is_told():
    made = {
        each: value.strip("'") for each, value in re.findall(r"^var (\w+) = ('[^']*')$", code(STORAGE), re.MULTILINE)
    }
    defaults = Settings()

    assert (made["plans"], made["requests"], made["prefix"]) == (
        defaults.plans_container,
        defaults.queue,
        defaults.table_prefix,
    )


def test_every_table_of_the_app_is_made():
    made = json.loads((INFRA / "tables.json").read_text())
    sources = [path.read_text() for path in (ROOT / "shared").rglob("*.py")]
    named = {each for source in sources for each in re.findall(r'\b(?:Rows|table)\("(\w+)"', source)}

    assert sorted(named) == made


def test_storage_is_reached_with_the_identity_and_never_with_a_key():
    connection = {each.removeprefix("AzureWebJobsStorage__") for each in SETTINGS if "WebJobsStorage" in each}

    assert {"accountName", "credential", "clientId"} == connection
    assert "allowSharedKeyAccess: false" in code(STORAGE)
    assert not any(re.search(r"listKeys|AccountKey|connectionStrings", code(path)) for path in FILES)


def test_the_app_is_python_3_13_on_flex_consumption_without_a_worker_setting():
    assert "name: 'python', version: '3.13'" in code(APP)
    assert "name: 'FC1', tier: 'FlexConsumption'" in code(APP)
    assert {"FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE"}.isdisjoint(SETTINGS)
    assert "'true'" == SETTINGS["AzureWebJobsDisableHomepage"]


def test_telemetry_goes_out_with_the_identity():
    assert "'ClientId=${identityClientId};Authorization=AAD'" == SETTINGS["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]
    assert "insightsConnectionString" == SETTINGS["APPLICATIONINSIGHTS_CONNECTION_STRING"]
    assert "DisableLocalAuth: true" in code(INFRA / "modules" / "monitoring.bicep")


def test_abbreviations_are_all_used():
    abbreviations = json.loads((INFRA / "abbreviations.json").read_text())

    assert abbreviations.keys() == set(re.findall(r"abbreviations\.(?!json)(\w+)", code(MAIN)))


def test_what_checkov_is_not_asked_has_its_reason_beside_it():
    lines = (INFRA / "checkov.yaml").read_text().splitlines()
    skipped = [line for line in lines if "CKV_" in line and line.lstrip().startswith("-")]

    assert skipped
    assert [] == [line for line in skipped if not re.search(r"CKV_\w+ +# \S+ \S+", line)]


def test_the_worker_has_a_thread_for_all_that_the_host_hands_it_at_once():
    durable = json.loads((ROOT / "host.json").read_text())["extensions"]["durableTask"]
    at_once = durable["maxConcurrentActivityFunctions"] + durable["maxConcurrentOrchestratorFunctions"]
    example = json.loads((ROOT / "local.settings.json.example").read_text())["Values"]

    assert at_once < int(SETTINGS["PYTHON_THREADPOOL_THREAD_COUNT"].strip("'"))
    assert at_once < int(example["PYTHON_THREADPOOL_THREAD_COUNT"])


@pytest.mark.parametrize("setting", ["PYTHON_THREADPOOL_THREAD_COUNT", "MALLOC_ARENA_MAX"])
def test_the_worker_is_set_up_on_a_laptop_as_in_azure(setting):
    example = json.loads((ROOT / "local.settings.json.example").read_text())["Values"]
    stack = for_app(Places(storage="", simulator="", aws="", ssm=""))

    assert [SETTINGS[setting].strip("'")] * 2 == [example[setting], stack[setting]]


def test_the_host_runs_flows_of_every_release_and_cuts_no_activity_short():
    host = json.loads((ROOT / "host.json").read_text())
    durable = host["extensions"]["durableTask"]

    assert "None" == durable["versionMatchStrategy"]
    assert "defaultVersion" not in durable, "children would get it from whichever host runs their parent's turn"
    assert "00:01:00" == durable["storageProvider"]["workItemQueueVisibilityTimeout"]
    assert "functionTimeout" not in host, "Flex Consumption's own is longer"


def test_one_person_deploys_it_in_four_steps_at_most():
    document = (ROOT / "docs" / "deploy.md").read_text()
    steps = re.findall(
        r"^(\d)\. ", re.search(r"^## Deploy\n(.+?)^##", document, re.MULTILINE | re.DOTALL)[1], re.MULTILINE
    )

    assert ["1", "2", "3", "4"] == steps
