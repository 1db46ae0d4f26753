"""The scripts beside the templates: clean, and harmless when they run again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from shared.decisions.people import Role
from tests.infra.bicep import INFRA, ROOT, template
from tests.infra.tenant import on_path

SCRIPTS = sorted(INFRA.rglob("*.sh"))


@pytest.fixture
def tenant(tmp_path):
    with on_path(tmp_path) as state:
        yield state


def azd(tenant, **values):
    """The environment of azd, with these set first."""
    at = tenant.parent / "azd.json"
    kept = json.loads(at.read_text()) if at.exists() else {}
    at.write_text(json.dumps(kept | values))
    return kept | values


def changes(state):
    """What was changed in the tenant."""
    reads = ("list", "show", "--method GET")
    return [call for call in state.get("calls", []) if not any(each in call for each in reads)]


def run(script, tenant, *arguments, telling=False):
    path = f"{tenant.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run([script, *arguments], env=environment, capture_output=True, text=True, check=False)
    return (
        done.returncode,
        done.stderr if telling else done.stdout,
        json.loads(tenant.read_text()) if tenant.exists() else {},
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_clean_and_tells_what_it_takes(script, tenant):
    checker = Path(sys.executable).parent / "shellcheck"

    assert "" == subprocess.run([checker, script], capture_output=True, text=True, check=False).stdout
    assert 0 == run(script, tenant, "--help")[0]
    assert 2 == run(script, tenant, "--nonsense")[0]


def test_registering_for_aws_twice_makes_one_app(tenant):
    first = run(INFRA / "aws" / "register-app.sh", tenant)
    second = run(INFRA / "aws" / "register-app.sh", tenant)

    assert (0, "TENANT_ID=11111111-1111-1111-1111-111111111111\nAUDIENCE=api://app-id\n") == first[:2]
    assert first[:2] == second[:2]
    assert (1, 1) == (second[2]["apps"], second[2]["sp"])
    assert 1 == sum("--identifier-uris" in call for call in second[2]["calls"])


def test_registering_for_people_twice_makes_one_app_and_no_secret(tenant):
    script = INFRA / "register-sign-in.sh"
    run(script, tenant)
    code, output, state = run(script, tenant, "--url", "https://func.example.org/")

    assert (0, "CLIENT_ID=app-id\n") == (code, output)
    assert (1, 1) == (state["apps"], state["sp"])
    assert any("https://func.example.org/.auth/login/aad/callback" in call for call in state["calls"])
    bodies = [json.loads(call.split("--body ")[1].split(" --output")[0]) for call in state["calls"] if "--body" in call]
    assert {"requestedAccessTokenVersion", "oauth2PermissionScopes", "preAuthorizedApplications"} == {
        name for body in bodies for name in body.get("api", ())
    }
    roles = [each for body in bodies for each in body.get("appRoles", ())]
    assert {each["value"] for each in roles} == set(Role)
    assert len({each["id"] for each in roles}) == len(Role), "the same ids each time: run again, it changes nothing"
    assert not any("credential" in call or "password" in call for call in state["calls"])


def test_a_second_environment_of_a_registration_leaves_the_address_of_the_first(tenant):
    script = INFRA / "register-sign-in.sh"
    for url in ("https://one.example.org", "https://two.example.org", "https://one.example.org"):
        _, _, state = run(script, tenant, "--url", url)

    assert [f"https://{name}.example.org/.auth/login/aad/callback" for name in ("one", "two")] == state["leads"]
    assert ["api://app-id"] == state["uris"]


def test_what_others_call_the_registration_by_stays(tenant):
    tenant.write_text(json.dumps({"apps": 1, "sp": 1, "uris": ["api://others"], "calls": []}))
    _, _, state = run(INFRA / "register-sign-in.sh", tenant)

    assert ["api://others", "api://app-id"] == state["uris"]


def test_two_apps_of_one_name_are_not_guessed_at(tenant):
    tenant.write_text(json.dumps({"apps": 2, "sp": 0, "uris": [], "calls": []}))

    assert 1 == run(INFRA / "aws" / "register-app.sh", tenant)[0]


def test_the_deployment_to_aws_passes_only_parameters_that_exist(tenant):
    every = ["--any-machine", "--no-launch", "--appliance-role", "a", "--terminate", "--keys", "k"]
    needed = ["--tenant", "t", "--audience", "api://x", "--principal", "p", "--regions", "eu-west-1"]
    code, output, _ = run(INFRA / "aws" / "deploy.sh", tenant, *needed, *every, "--dry-run")
    passed = {word.split("=")[0] for word in output.split("--parameter-overrides")[1].split()}

    assert 0 == code
    assert set() == passed - template()["Parameters"].keys()
    assert {name for name, each in template()["Parameters"].items() if "Default" not in each} <= passed


def test_a_switch_that_is_left_out_is_taken_back(tenant):
    needed = ["--tenant", "t", "--audience", "api://x", "--principal", "p", "--regions", "eu-west-1"]
    _, output, _ = run(INFRA / "aws" / "deploy.sh", tenant, *needed, "--dry-run")
    passed = dict(word.split("=", 1) for word in output.split("--parameter-overrides")[1].split())

    assert passed["OnlyTagged"] == "true"
    assert passed["MayTerminate"] == "false"
    assert passed["MayLaunchAppliance"] == "true"
    assert {"ApplianceRoleArn", "KmsKeyArns"} <= passed.keys()


HOOKS = INFRA / "hooks.sh"
CALLBACK = "https://func-azferry-tok.example.org/.auth/login/aad/callback"
MADE = {"AZFERRY_FUNCTION_APP": "func-azferry-tok", "AZFERRY_URL": "https://func-azferry-tok.example.org"}


def test_azd_runs_each_step_of_the_hooks():
    hooks = yaml.safe_load((ROOT / "azure.yaml").read_text())["hooks"]

    assert {name: f"infra/hooks.sh {name}" for name in hooks} == {name: each["run"] for name, each in hooks.items()}
    assert {"preprovision", "postprovision", "postdown"} == hooks.keys()


def test_before_and_after_a_deployment_sign_in_is_made_and_leads_back_and_somebody_owns_it(tenant):
    azd(tenant, AZURE_ENV_NAME="ferry")
    assert 0 == run(HOOKS, tenant, "preprovision")[0]
    assert "app-id" == azd(tenant)["AZFERRY_AUTH_CLIENT_ID"]

    azd(tenant, **MADE)
    code, _, state = run(HOOKS, tenant, "postprovision")

    assert (0, [CALLBACK], ["ada-id"]) == (code, state["leads"], state["assigned"])
    assert "tok" == azd(tenant)["AZFERRY_ROLES"]


def test_run_again_the_hooks_make_nothing_new(tenant):
    azd(tenant, AZURE_ENV_NAME="ferry", AZFERRY_AWS_ACCOUNTS="123456789012", AZFERRY_PRIVATE="true", **MADE)
    for step in ("preprovision", "postprovision"):
        run(HOOKS, tenant, step)
    kept, before = azd(tenant), json.loads(tenant.read_text())
    for step in ("preprovision", "postprovision"):
        _, _, after = run(HOOKS, tenant, step)

    assert kept == azd(tenant)
    assert {**before, "calls": []} == {**after, "calls": []}
    assert "api://app-id" == kept["AZFERRY_AWS_FEDERATION_AUDIENCE"]
    assert "Registered" == after["provider"]


@pytest.mark.parametrize("lost", ["ad app create", "ad sp create", "provider register"])
def test_a_hook_that_died_when_it_had_made_something_makes_it_once_when_it_is_run_again(tenant, lost):
    azd(tenant, AZURE_ENV_NAME="ferry", AZFERRY_PRIVATE="true")
    tenant.write_text(json.dumps({"apps": 0, "sp": 0, "uris": [], "calls": [], "dies_at": lost}))
    assert 0 != run(HOOKS, tenant, "preprovision")[0]
    code, _, state = run(HOOKS, tenant, "preprovision")

    assert (0, 1, 1, "Registered") == (code, state["apps"], state["sp"], state["provider"])
    assert "app-id" == azd(tenant)["AZFERRY_AUTH_CLIENT_ID"]


def test_who_may_not_register_apps_is_told_what_to_do_instead(tenant):
    azd(tenant, AZURE_ENV_NAME="ferry")
    tenant.write_text(json.dumps({"apps": 0, "sp": 0, "uris": [], "calls": [], "refuses": ["ad app create"]}))
    code, words, _ = run(HOOKS, tenant, "preprovision", telling=True)

    assert (1, True) == (code, "AZFERRY_REGISTER_SIGN_IN false" in words)
    assert "AZFERRY_AUTH_CLIENT_ID" not in azd(tenant)


def test_a_subscription_that_does_not_let_itself_be_looked_at_is_told_and_the_others_are_cleaned(tenant):
    groups = "/subscriptions/two/resourceGroups/rg-t"
    azd(tenant, AZURE_SUBSCRIPTION_ID="one", AZFERRY_ROLES="tok", AZFERRY_TARGET_GROUPS=groups)
    state = {"apps": 0, "sp": 0, "uris": [], "calls": [], "given": {"one": ["a"], "two": ["c"]}, "roles": ["r1"]}
    tenant.write_text(json.dumps(state | {"refuses": ["--subscription one"]}))
    code, words, state = run(HOOKS, tenant, "postdown", telling=True)

    assert ({"one": ["a"], "two": []}, ["r1"]) == (state["given"], state["roles"]), "a role that is still given stays"
    assert (1, True) == (code, "subscription one" in words)


@pytest.mark.parametrize("step", ["preprovision", "postprovision", "postdown"])
def test_what_if_changes_neither_tenant_nor_environment(tenant, step):
    variables = {"AZFERRY_AWS_ACCOUNTS": "123456789012", "AZFERRY_PRIVATE": "true", "AZFERRY_ROLES": "tok"}
    kept = azd(tenant, AZURE_ENV_NAME="ferry", AZURE_SUBSCRIPTION_ID="one", **variables, **MADE)
    client = {} if step == "preprovision" else {"AZFERRY_AUTH_CLIENT_ID": "app-id"}
    kept = azd(tenant, **client)
    apps = 0 if step == "preprovision" else 1
    tenant.write_text(
        json.dumps({"apps": apps, "sp": apps, "uris": [], "calls": [], "given": {"one": ["a"]}, "roles": ["r"]})
    )
    code, _, state = run(HOOKS, tenant, step, "--what-if")

    assert (0, []) == (code, changes(state))
    assert kept == azd(tenant)


def test_a_registration_of_somebody_else_is_left_as_it_is(tenant):
    azd(tenant, AZURE_ENV_NAME="ferry", AZFERRY_AUTH_CLIENT_ID="theirs", **MADE)
    for step in ("preprovision", "postprovision"):
        code, _, state = run(HOOKS, tenant, step)
        assert (0, []) == (code, changes(state))


def test_sign_in_that_is_left_to_people_registers_nothing(tenant):
    azd(tenant, AZURE_ENV_NAME="ferry", AZFERRY_REGISTER_SIGN_IN="false", **MADE)
    for step in ("preprovision", "postprovision"):
        code, _, state = run(HOOKS, tenant, step)
        assert (0, []) == (code, changes(state))


def test_after_azd_down_rights_and_roles_are_taken_back_in_every_subscription(tenant):
    two = "/subscriptions/two/resourceGroups/rg-t"
    azd(tenant, AZURE_SUBSCRIPTION_ID="one", AZFERRY_ROLES="tok", AZFERRY_TARGET_GROUPS=f" {two},{two}")
    given = {"one": ["a", "b"], "two": ["c"], "three": ["d"]}
    tenant.write_text(json.dumps({"apps": 0, "sp": 0, "uris": [], "calls": [], "given": given, "roles": ["r1", "r2"]}))
    code, _, state = run(HOOKS, tenant, "postdown")

    assert 0 == code
    assert {"one": [], "two": [], "three": ["d"]} == state["given"]
    assert [] == state["roles"]
    assert all("(tok)" in call for call in state["calls"] if " list " in call), "roles of no other environment"


def test_where_somebody_has_a_role_already_nobody_is_made_owner(tenant):
    tenant.write_text(json.dumps({"apps": 1, "sp": 1, "uris": [], "calls": [], "assigned": ["bob-id"]}))
    _, _, state = run(INFRA / "register-sign-in.sh", tenant, "--owner", "ada-id")

    assert ["bob-id"] == state["assigned"]
