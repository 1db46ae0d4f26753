import os
from pathlib import Path

import pytest
from azure.data.tables import TableClient
from azure.storage.blob import BlobClient, BlobServiceClient
from azure.storage.queue import QueueClient

from local import azurite


def test_azurite_speaks_the_queue_protocol(storage: str, unique: str) -> None:
    with QueueClient.from_connection_string(storage, unique) as queue:
        queue.create_queue()
        queue.send_message("hello")

        assert [message.content for message in queue.receive_messages()] == ["hello"]


def test_stopping_ends_the_process_and_data_outlives_a_restart(tmp_path: Path) -> None:
    process, first = azurite.start(tmp_path)
    with QueueClient.from_connection_string(first.connection_string, "kept") as queue:
        queue.create_queue()
        queue.send_message("still here")

    azurite.stop(process)

    with pytest.raises(ProcessLookupError):
        os.kill(first.pid, 0)
    with (
        azurite.running(tmp_path) as second,
        QueueClient.from_connection_string(second.connection_string, "kept") as queue,
    ):
        assert [message.content for message in queue.receive_messages()] == ["still here"]


def test_what_was_answered_for_outlives_a_killed_process(tmp_path: Path) -> None:
    process, first = azurite.start(tmp_path)
    try:
        with TableClient.from_connection_string(first.connection_string, "kept") as table:
            table.create_table()
            for number in range(20):
                table.create_entity({"PartitionKey": "p", "RowKey": str(number)})
        with QueueClient.from_connection_string(first.connection_string, "kept") as queue:
            queue.create_queue()
            queue.send_message("still here")
        with BlobServiceClient.from_connection_string(first.connection_string) as blobs:
            blobs.create_container("kept").upload_blob("plan", b"still here too")
    finally:
        process.kill()
        process.wait()

    with azurite.running(tmp_path) as second:
        with TableClient.from_connection_string(second.connection_string, "kept") as table:
            assert len(list(table.list_entities())) == 20
        with QueueClient.from_connection_string(second.connection_string, "kept") as queue:
            assert [message.content for message in queue.receive_messages()] == ["still here"]
        with BlobClient.from_connection_string(second.connection_string, "kept", "plan") as blob:
            assert blob.download_blob().readall() == b"still here too"


def test_a_missing_installation_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azurite, "SCRIPT", tmp_path / "nothing.js")

    with pytest.raises(azurite.AzuriteError, match="npm ci"):
        azurite.start(tmp_path)
