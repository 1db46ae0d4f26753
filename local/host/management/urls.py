"""The URLs of the durable management API, and the JSON that a durable client is made from."""

import json
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode

WEBHOOK = "/runtime/webhooks/durabletask"
RPC = "/durabletask"
PLACEHOLDER = "INSTANCEID"


@dataclass(frozen=True)
class Urls:
    """Where this host's durable API is, and the key that opens it."""

    origin: str
    rpc_origin: str
    hub: str
    key: str

    @property
    def query(self) -> str:
        """What every management URL must carry."""
        return f"{urlencode({'taskHub': self.hub, 'connection': 'Storage'})}&{self.code}"

    @property
    def code(self) -> str:
        """The key alone, as a query."""
        return urlencode({"code": self.key})

    def started(self, instance_id: str, origin: str) -> dict[str, str]:
        """Give the management URLs of an instance as the answer to a start holds them: there is no rewind among them."""
        return {key: url for key, url in self.management(instance_id, origin).items() if key != "rewindPostUri"}

    def management(self, instance_id: str, origin: str) -> dict[str, str]:
        """Give the management URLs of an instance."""
        instance = f"{origin}{WEBHOOK}/instances/{quote_plus(instance_id)}"
        return {
            "id": instance_id,
            "statusQueryGetUri": f"{instance}?{self.query}",
            "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}?{self.query}",
            "terminatePostUri": f"{instance}/terminate?reason={{text}}&{self.query}",
            "rewindPostUri": f"{instance}/rewind?reason={{text}}&{self.query}",
            "purgeHistoryDeleteUri": f"{instance}?{self.query}",
            "restartPostUri": f"{instance}/restart?{self.query}",
            "suspendPostUri": f"{instance}/suspend?reason={{text}}&{self.query}",
            "resumePostUri": f"{instance}/resume?reason={{text}}&{self.query}",
        }

    def client(self) -> str:
        """Give the durable client binding's JSON."""
        create = f"{self.origin}{WEBHOOK}/orchestrators/{{functionName}}[/{{instanceId}}]"
        waiting = f"{create}?timeout={{timeoutInSeconds}}&pollingInterval={{intervalInSeconds}}&{self.code}"
        urls = {
            "createNewInstancePostUri": f"{create}?{self.code}",
            "createAndWaitOnNewInstancePostUri": waiting,
        }
        return json.dumps(
            {
                "taskHubName": self.hub,
                "connectionName": None,
                "creationUrls": urls,
                "managementUrls": self.management(PLACEHOLDER, self.origin),
                "baseUrl": f"{self.origin}{WEBHOOK}",
                "requiredQueryStringParameters": self.code,
                "rpcBaseUrl": f"{self.rpc_origin}{RPC}/",
                "httpBaseUrl": None,
                "maxGrpcMessageSizeInBytes": None,
                "grpcHttpClientTimeout": None,
            }
        )
