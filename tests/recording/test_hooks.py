"""What the app asks of the clouds is noted under the names that roles grant; what others ask is not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recording.check import recorded, refused
from tests.recording.hooks import FOLDER, ROOT, arm_operation, aws_operations
from tests.recording.plugin import SITE

VAULT = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v"
# What the app asks, and then the same SDK used by something that is not of the app; nobody answers at that address.
ASKING = """
import contextlib
from shared.sources.aws import power, session
from shared.sources.aws.session import AwsPlace
from shared.azure import resources
place = AwsPlace(region="eu-west-1")
with contextlib.suppress(Exception):
    power.states(place, ["i-0aaa1111"])
with contextlib.suppress(Exception):
    resources.get_group("1", "rg")
with contextlib.suppress(Exception):
    session.ec2(place).describe_vpcs()
"""


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", f"{VAULT}/replicationJobs/7", "Microsoft.RecoveryServices/vaults/replicationJobs/read"),
        ("GET", f"{VAULT}/replicationJobs", "Microsoft.RecoveryServices/vaults/replicationJobs/read"),
        (
            "POST",
            f"{VAULT}/replicationJobs/7/cancel",
            "Microsoft.RecoveryServices/vaults/replicationJobs/cancel/action",
        ),
        ("PUT", "/subscriptions/1/resourcegroups/rg", "Microsoft.Resources/subscriptions/resourcegroups/write"),
        ("GET", "/subscriptions/1/locations", "Microsoft.Resources/subscriptions/locations/read"),
        ("GET", "/subscriptions/1/providers/Microsoft.Compute", "Microsoft.Resources/subscriptions/providers/read"),
        ("PATCH", f"{VAULT}/replicationPolicies/p", "Microsoft.RecoveryServices/vaults/replicationPolicies/write"),
    ],
)
def test_a_request_to_arm_is_named_as_roles_name_it(method, path, operation):
    assert operation == arm_operation(method, path)


def test_a_call_to_aws_names_what_its_parameters_need_too():
    assert ["ec2:StopInstances"] == aws_operations("ec2", "StopInstances", {"InstanceIds": ["i-1"]})
    launched = aws_operations("ec2", "RunInstances", {"TagSpecifications": [{}], "IamInstanceProfile": {"Arn": "a"}})
    assert ["ec2:RunInstances", "ec2:CreateTags", "iam:PassRole"] == launched


def test_another_process_notes_what_the_app_asks_and_not_what_others_ask(tmp_path):
    environment = {
        FOLDER: str(tmp_path),
        "PYTHONPATH": f"{SITE}{os.pathsep}{ROOT}",
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AZFERRY_AWS_ENDPOINT": "http://127.0.0.1:9",
        "AZFERRY_ARM_ENDPOINT": "http://127.0.0.1:9",
        "AZFERRY_ARM_TOKEN": "t",
    }
    subprocess.run([sys.executable, "-c", ASKING], env={**os.environ, **environment}, cwd=tmp_path, check=True)

    assert {
        "ec2:DescribeInstances": {"shared/sources/aws/power.py"},
        "Microsoft.Resources/subscriptions/resourcegroups/read": {"shared/azure/resources.py"},
    } == recorded(tmp_path)


def test_what_is_not_granted_is_told(tmp_path):
    (tmp_path / "1.jsonl").write_text(
        "".join(
            json.dumps({"operation": operation, "by": "shared/x.py"}) + "\n"
            for operation in ("ec2:DeleteVpc", "ec2:StopInstances", "Microsoft.Network/virtualNetworks/delete")
        )
    )

    assert ["Microsoft.Network/virtualNetworks/delete", "ec2:DeleteVpc"] == refused(recorded(tmp_path))


def test_the_whole_run_is_recorded_and_checked():
    words = (Path(ROOT) / "Makefile").read_text()

    assert "-p tests.recording.plugin" in words
    assert "-m tests.recording.check" in words
