"""What the host and the app write while they serve holds no key."""

from pathlib import Path

from tests.recording.secrets import leaks

ROOT = Path(__file__).parents[3]


def test_the_log_of_the_whole_app_holds_no_key(launch, storage, unique):
    settings = {
        "AzureWebJobsStorage": storage,
        "AZFERRY_STORAGE": storage,
        "AZFERRY_TABLE_PREFIX": unique,
        "AZFERRY_PLANS_CONTAINER": unique,
        "AZFERRY_QUEUE": unique,
        "AZFERRY_ARM_TOKEN": "s3cret-arm-token",
    }
    host = launch(ROOT, settings=settings)
    keys = [key for key in host.keys.values() if isinstance(key, str)]
    header = {"x-functions-key": keys[0]}
    assert 200 == host.client.get("/api/health", headers=header).status_code
    host.client.get("/api/migrations", params={"code": keys[0]})
    host.client.post("/api/migrations", headers=header, content=b"{")
    host.durable("GET", "instances/nobody")
    host.stop()

    account_key = next(part for part in storage.split(";") if part.startswith("AccountKey=")).removeprefix(
        "AccountKey="
    )
    assert "listening on" in host.printed()
    assert [] == leaks(host.printed(), [*keys, account_key, "s3cret-arm-token"])
