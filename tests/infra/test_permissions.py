"""The custom roles grant what the app calls; what they grant beyond is listed with a reason."""

import json
import re

import pytest

from local.simulator.providers import PROVIDERS
from local.simulator.router import operation_name
from shared.azure.rights import TABLE
from tests import role_files
from tests.infra.bicep import INFRA, ROOT, actions, allowed, code, granted, roles, statements, template
from tests.infra.gateways import aws_actions, azure_actions
from tests.recording.check import NEEDS_NO_GRANT

# What a shortened name in a table may mean: whatever Azure has, as far as the simulator and the roles know it.
KNOWN = {operation_name(route.method, route.path) for each in PROVIDERS for route in each.routes}
NAMED = azure_actions(KNOWN | {action for role in roles().values() for action in role["actions"]})
UNASKED = {each.lower() for each in NEEDS_NO_GRANT}
DOCUMENT = (ROOT / "docs" / "permissions.md").read_text()


def beyond():
    return {action: reason for role in roles().values() for action, reason in role["beyond"].items()}


def test_the_gateways_name_their_operations():
    assert len(NAMED) > 40


@pytest.mark.parametrize("operation", NAMED)
def test_what_a_gateway_calls_is_granted(operation):
    assert NAMED[operation]
    assert allowed(NAMED[operation]) or NAMED[operation].lower() in UNASKED


def test_what_is_granted_is_called_or_has_a_reason():
    called = {each.lower() for each in NAMED.values()}

    assert [] == sorted(granted() - called - {each.lower() for each in beyond()})


def test_nothing_that_is_called_is_said_to_be_beyond():
    called = {each.lower() for each in NAMED.values()}

    assert [] == [each for each in beyond() if each.lower() in called]


def test_a_wildcard_only_reads_and_has_its_reason_and_no_role_may_grant():
    every = {action for role in roles().values() for action in role["actions"]}
    wild = {each for each in every if "*" in each}

    assert [] == [each for each in wild if not each.endswith("/*/read") or each not in beyond()]
    assert [] == [each for each in every if "roleAssignments" in each or "roleDefinitions" in each]


def test_a_vault_may_be_read_but_not_its_tokens():
    assert allowed("Microsoft.RecoveryServices/vaults/replicationAppliances/read")
    assert not allowed("Microsoft.RecoveryServices/vaults/vaultTokens/read")


@pytest.mark.parametrize("name", role_files.ROLES)
def test_a_role_file_is_what_the_table_of_rights_makes_of_it(name):
    assert (role_files.FOLDER / f"{name}.json").read_text() == role_files.text(name)


def test_every_place_of_the_table_is_some_roles():
    places = [place for places, *_ in role_files.ROLES.values() for place in places]

    assert sorted(places) == sorted({each.where for each in TABLE})


def test_every_operation_of_a_gateway_is_in_the_table_of_rights():
    known = {each.action.lower() for each in TABLE}

    assert [] == sorted(action for action in NAMED.values() if action.lower() not in known | UNASKED)


def test_every_role_is_defined_and_granted():
    permissions = code(INFRA / "modules" / "permissions.bicep")
    loaded = re.findall(r"roles/(\w+)\.json", permissions)
    order = re.search(r"^var roles = \[(.+)\]$", permissions, re.MULTILINE)
    used = re.findall(r"definitions\[(\d)\]", permissions) + re.findall(r"\[(0, 1, 6)\]", permissions)[0].split(", ")

    assert set(loaded) == roles().keys()
    assert [f"{each}Role" for each in loaded] == order.group(1).split(", ")
    assert {str(index) for index in range(len(loaded))} == set(used)


@pytest.mark.parametrize("action", sorted(beyond()))
def test_what_is_granted_beyond_is_documented(action):
    assert f"| `{action}` | {beyond()[action]} |" in DOCUMENT


# AWS


def aws_granted():
    return {action for statement in statements() for action in actions(statement)}


def test_what_the_gateways_to_aws_call_is_granted_and_nothing_else():
    listed = json.loads((INFRA / "aws" / "beyond.json").read_text())
    trusted = {"sts:AssumeRoleWithWebIdentity"}

    assert [] == sorted(aws_actions() - aws_granted())
    assert listed.keys() == (aws_granted() | trusted) - aws_actions()
    assert [] == [
        f"| `{action}` | {why} |" for action, why in listed.items() if f"| `{action}` | {why} |" not in DOCUMENT
    ]


def test_no_statement_grants_a_wildcard_of_actions():
    assert [] == [action for action in aws_granted() if "*" in action]


def test_every_statement_has_a_condition_and_only_reading_is_for_every_resource():
    # the key's ARN is the narrowest there is
    assert ["LookAtTheKey"] == [each["Sid"] for each in statements() if "Condition" not in each]
    broad = {action for each in statements() if each["Resource"] == "*" for action in actions(each)}
    assert {"ssm:CancelCommand"} == {each for each in broad if not re.search(r":(Describe|List|Get)", each)}


def test_what_changes_machines_asks_for_the_tag():
    for action in ("ec2:StopInstances", "ec2:StartInstances", "ec2:TerminateInstances", "ec2:CreateImage"):
        on_machines = [
            each for each in statements() if action in actions(each) and ":instance/*" in str(each["Resource"])
        ]
        assert on_machines
        assert all("azferry:source" in str(each["Condition"]) for each in on_machines)


def test_the_trust_pins_subject_and_audience_of_the_tenant():
    trust = template()["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Sub"]

    assert '"sts.windows.net/${TenantId}/:aud": "${Audience}"' in trust
    assert '"sts.windows.net/${TenantId}/:sub": "${PrincipalId}"' in trust
    assert "StringLike" not in trust
    assert "*" not in trust


def test_every_parameter_and_condition_of_the_template_is_used():
    text = (INFRA / "aws" / "role.yaml").read_text()

    assert [] == [each for each in template()["Parameters"] if not re.search(rf"Ref {each}\b|\${{{each}}}", text)]
    assert [] == [each for each in template()["Conditions"] if len(re.findall(rf"\b{each}\b", text)) < 2]
