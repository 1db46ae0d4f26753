"""The one translation of what AWS answers into `Busy` (busy) or `CloudRefused` (final, with AWS's own code)."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from shared.problems import Busy, CloudRefused
from shared.sources.aws.refusal_codes import ADVICE, passes


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Translate every error inside. `what` ends the sentence "AWS … while …", e.g. "stopping i-0aaa"."""
    try:
        yield
    except ClientError as error:
        raise translated(what, error) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise CloudRefused(
            f"no AWS keys were found while {what}",
            code="NoCredentials",
            advice="Name a role in the plan and an audience in the settings, or put AWS keys into the environment.",
        ) from error
    except (
        ConnectionError,
        HTTPClientError,
        ResponseParserError,
    ) as error:  # what is no AWS answer comes from something in between
        raise Busy(f"AWS was out of reach while {what}: {error}") from error
    except BotoCoreError as error:
        raise CloudRefused(f"AWS could not be asked while {what}: {error}", code=type(error).__name__) from error


def code_of(error: ClientError) -> str:
    """Give AWS's own error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def translated(what: str, error: ClientError) -> Busy | CloudRefused:
    """Decide: busy or final."""
    code, details = code_of(error), error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    message = details.get("Message", "no message")
    if passes(code, message) or status == 429 or status >= 500:
        return Busy(f"AWS was busy while {what}: {code} {message}")
    return CloudRefused(f"AWS refused while {what}: {message}", code=code, advice=ADVICE.get(code, ""))
