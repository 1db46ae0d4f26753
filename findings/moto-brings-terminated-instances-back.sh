#!/usr/bin/env bash
# moto 5.2.5 (ec2): a terminated instance can be started again, one ClientToken makes two instances, one image name two images.
#
# Guess: as EC2 does, moto refuses to start a terminated instance (IncorrectInstanceState), gives the same instance for the same
#        ClientToken, and refuses an image name that is in use (InvalidAMIName.Duplicate).
# Seen: all three are accepted without a word, and the terminated instance comes back running with its old private address. Code
#       that retries, or that must not wake a decommissioned source, is never put to the test.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'moto[ec2]==5.2.5' 'boto3==1.44.8'
AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION=eu-west-1 "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import boto3
from moto import mock_aws

with mock_aws():
    ec2 = boto3.client("ec2")
    asked = {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1, "ClientToken": "launch-1"}
    first, second = (ec2.run_instances(**asked)["Instances"][0] for _ in range(2))
    print("one ClientToken:", first["InstanceId"], "and", second["InstanceId"])
    assert first["InstanceId"] != second["InstanceId"], "this has changed"

    images = {ec2.create_image(InstanceId=first["InstanceId"], Name="before-termination")["ImageId"] for _ in range(2)}
    print("one image name:", *sorted(images))
    assert len(images) == 2, "this has changed"

    ec2.terminate_instances(InstanceIds=[first["InstanceId"]])
    ec2.start_instances(InstanceIds=[first["InstanceId"]])
    back = ec2.describe_instances(InstanceIds=[first["InstanceId"]])["Reservations"][0]["Instances"][0]
    print("terminated, then started:", back["State"]["Name"], back["PrivateIpAddress"])
    assert (back["State"]["Name"], back["PrivateIpAddress"]) == ("running", first["PrivateIpAddress"]), "this has changed"
PYTHON
