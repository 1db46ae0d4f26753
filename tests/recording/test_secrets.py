"""The logs of a road, of AWS and of the host hold no secret; and what would be one is recognised."""

import logging

import pytest

from shared.azure import clients, compute
from shared.azure.arm import operation_status
from shared.durable.seam import answered
from shared.ledger import machines, migrations
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.ledger.plans import plan_of, save
from shared.models import Scope
from shared.observability import telemetry
from shared.observability.tracing import watched
from shared.problems import Problem
from shared.settings import settings
from shared.sources.aws import session, ssm
from shared.sources.aws.session import AwsPlace
from tests.clouds import VAULT, azure, furnish
from tests.recording.secrets import leaks

KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
AWS_KEY = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    "text",
    [
        f"DefaultEndpointsProtocol=http;AccountKey={KEY}",
        "GET https://st.blob.core.windows.net/x?sv=2024&sig=abc%2Bdefghijklmnopqrstuv%3D",
        "GET /subscriptions/x/providers/Microsoft.Compute/locations/eu/operations/1?api-version=2024&t=638&c=MII&s=aGVsbG93b3JsZGhlbGxvd29ybGQ&h=x",
        "Authorization: Bearer abcdefgh12345678",
        "x-functions-key: s3cretkey1234",
        "POST /runtime/webhooks/durabletask/instances/1?code=abcdefghijklmnopqrstuv",
        "Credential=AKIAIOSFODNN7EXAMPLE/20261121",
        "eyJhbGciOiJSUzI1NiJ9abc.eyJzdWIiOiIxMjM0NTY3ODkwIn0.sig",
        "-----BEGIN RSA PRIVATE KEY-----",
    ],
)
def test_a_secret_is_recognised(text):
    assert leaks(text)


@pytest.mark.parametrize("text", ["?sv=2024&sig=REDACTED", "Authorization: REDACTED", "code=409 Conflict", "s=1&t=2"])
def test_what_is_no_secret_passes(text):
    assert [] == leaks(text)


def test_a_known_secret_is_found_wherever_it_stands():
    assert ["known secret: simu…"] == leaks("… token simulated …", ["simulated"])


@pytest.fixture
def everything(caplog):
    """Every log line, at the finest level that the app leaves its SDKs."""
    telemetry.start()
    caplog.set_level(logging.DEBUG)
    return caplog


def test_the_logs_of_a_road_hold_no_secret(everything, storage, unique, monkeypatch):
    monkeypatch.setenv("AZFERRY_STORAGE", storage)
    monkeypatch.setenv("AZFERRY_TABLE_PREFIX", unique)
    monkeypatch.setenv("AZFERRY_PLANS_CONTAINER", unique)
    with azure(monkeypatch) as cloud:
        monkeypatch.setenv("AZFERRY_ARM_TOKEN", "s3cret-arm-token")
        settings.cache_clear()
        clients.forget()
        furnish(cloud)
        cloud.register_appliance()
        cloud.set_policy()
        cloud.protect("db", "10.0.2.15")
        migrations.create(MigrationRow(id="finance.1"))
        machines.create_many([MachineRow(migration="finance.1", name="db")])
        save("finance.1", b'{"name": "finance"}')
        cloud.fault("server-error", status=503, times=1)
        refused = watched("GET_VM", Scope(migration="finance.1"), lambda: answered(lambda: compute.get_vm(VAULT.id)))
        with pytest.raises(Problem):
            plan_of("finance.2")
        signed = f"{cloud.control.base_url}/subscriptions/x/providers/Microsoft.Compute/locations/eu/operations/1?api-version=1&t=1&c=MII&s=aGVsbG93b3JsZGhlbGxvd29ybGQ"
        operation_status("looking at an operation", "x", signed)
    logging.getLogger("azferry").info("the road is logged")
    settings.cache_clear()

    assert "the road is logged" in everything.text
    assert "later" in refused
    account_key = next(part for part in storage.split(";") if part.startswith("AccountKey=")).removeprefix(
        "AccountKey="
    )
    assert [] == leaks(everything.text, ["s3cret-arm-token", account_key])


def test_the_logs_of_aws_hold_no_secret(everything, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_KEY)
    monkeypatch.setenv("AZFERRY_AWS_ENDPOINT", "http://127.0.0.1:9")  # nobody is there: errors are logged too
    settings.cache_clear()
    session.forget()
    with pytest.raises(Problem):
        ssm.agents(AwsPlace(region="eu-west-1"), ["i-0aaa1111"])
    session.forget()
    settings.cache_clear()

    assert [] == leaks(everything.text, [AWS_KEY])
