"""What the app is told by its environment on the local stack."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OURS = ("AZFERRY_", "AWS_", "AZURE_", "AzureWebJobs", "FUNCTIONS_", "APPLICATIONINSIGHTS_", "PYTHON_THREADPOOL")
# Who is told of what, and whether a record is kept, is the person's own choice, also on a laptop.
TELLING = ("AZFERRY_CHANNEL", "AZFERRY_TELL", "AZFERRY_ADDRESS", "AZFERRY_WEBHOOK_", "AZFERRY_PRIVATE_RECEIVERS")
CHOSEN = (*TELLING, "AZFERRY_RECORD_CONTAINER")
# Timers that look every few minutes after what was lost, and keep what there is: where nothing is lost they only cost time.
CARETAKERS = ("tend_everything", "keep_record", "back_up_when_due")
# What looks at queues all the time: where plans come otherwise, and nobody is told of anything, nothing is in them.
QUEUES = ("take_message", "tell_people")


def without(functions: Sequence[str]) -> dict[str, str]:
    """Give the settings that keep functions of the app from being run."""
    return {f"AzureWebJobs.{function}.Disabled": "true" for function in functions}


@dataclass(frozen=True)
class Places:
    """Where the stand-ins listen, and the storage's connection string."""

    storage: str
    simulator: str
    aws: str
    ssm: str

    @property
    def clock(self) -> str:
        """The stack's one clock."""
        return f"{self.simulator}/control/clock"


def for_app(places: Places) -> Mapping[str, str]:
    """Give the environment of the host: ours, without any real cloud in it, and the app's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS) or name.startswith(CHOSEN)}
    return kept | _settings(places) | _aws() | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def _settings(places: Places) -> dict[str, str]:
    return {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AzureWebJobsStorage": places.storage,
        "AzureWebJobsDisableHomepage": "true",  # `/` is the page of the app
        "PYTHON_THREADPOOL_THREAD_COUNT": "32",  # as infra/ sets it
        "MALLOC_ARENA_MAX": "2",  # as infra/ sets it
        "AZFERRY_STORAGE": places.storage,
        "AZFERRY_ARM_ENDPOINT": places.simulator,
        "AZFERRY_ARM_TOKEN": "local-stack",
        "AZFERRY_AWS_ENDPOINT": places.aws,
        "AZFERRY_SSM_ENDPOINT": places.ssm,
        "AZFERRY_CLOCK_URL": places.clock,
        "AZFERRY_LOCAL": "true",
        "AZFERRY_GATHERING": "0.01",  # real seconds, in which nothing else happens here
        "AZFERRY_PARTITIONS": "1",  # the host's hub is one; asking eight times is most of what a waiting stack does
    }


def _aws() -> dict[str, str]:
    """Give keys that open nothing, and keep the user's own configuration away."""
    return {
        "AWS_ACCESS_KEY_ID": "local-stack",
        "AWS_SECRET_ACCESS_KEY": "local-stack",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
