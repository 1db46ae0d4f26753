"""The scripts beside the templates: clean, and harmless when they run again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.decisions.people import Role
from tests.infra.bicep import INFRA, template

SCRIPTS = sorted(INFRA.rglob("*.sh"))
# A tenant that remembers what it was told: `az` as far as the scripts know it.
AZ = """#!{python}
import json, pathlib, sys
at = pathlib.Path({state!r})
state = json.loads(at.read_text()) if at.exists() else {{"apps": 0, "sp": 0, "uris": [], "calls": []}}
said = " ".join(sys.argv[1:])
state["calls"].append(said)
print_ = []
if said.startswith("account show"):
    print_ = ["11111111-1111-1111-1111-111111111111"]
elif said.startswith("ad app list"):
    print_ = ["app-id"] * state["apps"]
elif said.startswith("ad app create"):
    state["apps"] += 1
    print_ = ["app-id"]
elif said.startswith("ad app show"):
    print_ = state.get("leads" if "redirectUris" in said else "uris") or []
elif said.startswith("ad app update") and "--identifier-uris" in said:
    state["uris"] = sys.argv[sys.argv.index("--identifier-uris") + 1:]
elif said.startswith("ad app update") and "--web-redirect-uris" in said:
    state["leads"] = sys.argv[sys.argv.index("--web-redirect-uris") + 1:]
elif said.startswith("ad sp create"):
    state["sp"] += 1
elif said.startswith("ad sp show") and not state["sp"]:
    at.write_text(json.dumps(state))
    sys.exit(3)
at.write_text(json.dumps(state))
if print_:
    print("\\n".join(print_))
"""


@pytest.fixture
def tenant(tmp_path):
    state = tmp_path / "tenant.json"
    az = tmp_path / "bin" / "az"
    az.parent.mkdir()
    az.write_text(AZ.format(python=sys.executable, state=str(state)))
    az.chmod(0o755)
    return state


def run(script, tenant, *arguments):
    path = f"{tenant.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run([script, *arguments], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, json.loads(tenant.read_text()) if tenant.exists() else {}


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
    code, said, state = run(script, tenant, "--url", "https://func.example.org/")

    assert (0, "CLIENT_ID=app-id\n") == (code, said)
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
    code, said, _ = run(INFRA / "aws" / "deploy.sh", tenant, *needed, *every, "--dry-run")
    passed = {word.split("=")[0] for word in said.split("--parameter-overrides")[1].split()}

    assert 0 == code
    assert set() == passed - template()["Parameters"].keys()
    assert {name for name, each in template()["Parameters"].items() if "Default" not in each} <= passed


def test_a_switch_that_is_left_out_is_taken_back(tenant):
    needed = ["--tenant", "t", "--audience", "api://x", "--principal", "p", "--regions", "eu-west-1"]
    _, said, _ = run(INFRA / "aws" / "deploy.sh", tenant, *needed, "--dry-run")
    passed = dict(word.split("=", 1) for word in said.split("--parameter-overrides")[1].split())

    assert passed["OnlyTagged"] == "true"
    assert passed["MayTerminate"] == "false"
    assert passed["MayLaunchAppliance"] == "true"
    assert {"ApplianceRoleArn", "KmsKeyArns"} <= passed.keys()
