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
    except (ConnectionError, HTTPClientError) as error:
        raise Busy(f"AWS was out of reach while {what}: {error}") from error
    except BotoCoreError as error:
        raise CloudRefused(f"AWS could not be asked while {what}: {error}", code=type(error).__name__) from error
    except Exception as error:
        if _is_no_answer_of_aws(error):
            raise Busy(f"AWS was out of reach while {what}: {error}") from error
        raise


def _is_no_answer_of_aws(error: Exception) -> bool:
    """Tell whether what came could not be read: it comes from something in between."""
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - slow to read, and read by now where AWS was asked

    return isinstance(error, ResponseParserError)


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
