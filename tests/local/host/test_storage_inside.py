"""A host that is the storage of its own connection string."""

from azure.data.tables import TableClient

from local.stack.stack import storage_inside

APP = """
import os

import azure.functions as func
from azure.data.tables import TableClient

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="write")
def write(req: func.HttpRequest) -> str:
    rows = TableClient.from_connection_string(os.environ["AzureWebJobsStorage"], "rows")
    rows.create_table()
    rows.create_entity({"PartitionKey": "p", "RowKey": "r", "text": "hello"})
    return rows.get_entity("p", "r")["text"]
"""


def test_what_the_app_writes_it_reads_and_others_read_it_at_the_ports_of_the_account(launch, app_of):
    storage, options = storage_inside()
    host = launch(app_of(APP), *options, settings={"AzureWebJobsStorage": storage})

    assert host.client.get("/api/write").text == "hello"
    with TableClient.from_connection_string(storage, "rows") as rows:
        assert rows.get_entity("p", "r")["text"] == "hello"
