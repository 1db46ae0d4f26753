"""The URLs of the durable management API, and the JSON that a durable client is made from."""

import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

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
        return urlencode({"taskHub": self.hub, "connection": "Storage", "code": self.key})

    def management(self, instance_id: str, origin: str | None = None) -> dict[str, str]:
        """Give the management URLs of an instance, as the answer to a start holds them."""
        instance = f"{origin or self.origin}{WEBHOOK}/instances/{_quoted(instance_id)}"
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
        return json.dumps(
            {
                "taskHubName": self.hub,
                "creationUrls": {"createNewInstancePostUri": f"{create}?{self.query}"},
                "managementUrls": self.management(PLACEHOLDER),
                "baseUrl": f"{self.origin}{WEBHOOK}",
                "requiredQueryStringParameters": self.query,
                "rpcBaseUrl": f"{self.rpc_origin}{RPC}/",
            }
        )


def _quoted(instance_id: str) -> str:
    return quote(instance_id, safe=":@!$&'()*+,;=-._~")
