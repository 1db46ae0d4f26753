"""What AWS's error codes mean, in one table: what passes by itself, and what a person can do about the rest."""

from collections.abc import Mapping
from typing import Final

PASSING: Final = frozenset(
    {
        "ConcurrentSnapshotLimitExceeded",
        "EC2ThrottledException",
        "IDPCommunicationError",
        "InsufficientInstanceCapacity",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SnapshotCreationPerVolumeRateExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "Unavailable",
    }
)
# Codes that pass where the message has these words, and else do not.
PASSING_WHERE: Final[Mapping[str, str]] = {
    "IncorrectInstanceState": "never reached the 'running' state",  # its first start is not over
    "InvalidIdentityToken": "retrieve verification key",  # AWS could not ask the identity's issuer just now
}
ADVICE: Final[Mapping[str, str]] = {
    "UnauthorizedOperation": "Give the role this action on this resource, then retry.",
    "AccessDenied": "Check that the role trusts this app and that its name is right.",
    "AccessDeniedException": "Give the role this action on this resource, then retry.",
    "AuthFailure": "Check the AWS keys, or the role's trust in the managed identity.",
    "ExpiredTokenException": "Check the app's clock and its identity: the token that it signed in with is out of date.",
    "InvalidIdentityToken": "Check the identity provider in AWS (IAM): its address, its audience, and that it is there.",
    "OptInRequired": "Subscribe to the image or enable the region, then retry.",
    "InstanceLimitExceeded": "Ask AWS for a higher limit, then retry.",
    "OperationNotPermitted": "The resource is protected, as its message says: take the protection off in AWS, then retry.",
    "RulesPerSecurityGroupLimitExceeded": "Remove rules that nobody needs, or ask AWS for a higher limit, then retry.",
    "VcpuLimitExceeded": "Ask AWS for a higher limit, then retry.",
}


def passes(code: str, message: str) -> bool:
    """Tell whether a refusal passes by itself."""
    return code in PASSING or (code in PASSING_WHERE and PASSING_WHERE[code] in message)
