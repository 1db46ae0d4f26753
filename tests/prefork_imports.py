"""Imported once by the process that others are forked from: all that the parts of the stack import."""

import gc
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import azure.identity
import azure.mgmt.compute
import azure.mgmt.network
import azure.mgmt.recoveryservices
import azure.mgmt.recoveryservicessiterecovery
import azure.mgmt.resource.resources
import azure.mgmt.storage
import azure.storage.blob
import azure.storage.queue.aio
import boto3
from botocore.loaders import JSONFileLoader

import function_app
import local.host.cli
import local.simulator.server
import local.ssm.app
import local.storage.service
from local.moto_gaps import teach_moto
from local.power import Neighbours
from shared.settings import settings
from tests.proxies import look_quickly
from tests.tls import share_context

__all__ = ["azure", "boto3", "function_app", "local"]


def read_once(load: Callable[[JSONFileLoader, str], Any]) -> Callable[[JSONFileLoader, str], Any]:
    """Let a file of botocore's data be read once: each session of each process would read megabytes of JSON."""
    of_path = cache(lambda path: load(JSONFileLoader(), path))
    return lambda _loader, path: of_path(path)


setattr(JSONFileLoader, "load_file", read_once(JSONFileLoader.load_file))  # noqa: B010 - a method is replaced
for service in ("ec2", "ssm", "sts"):
    boto3.Session("k", "s").client(service, "eu-west-1", endpoint_url="http://127.0.0.1:1").close()

teach_moto(Neighbours())  # before anything else imports moto
import moto.server  # noqa: E402, F401 - see above

share_context()
look_quickly()
isinstance(0, Mapping)  # asked of the first thing that is logged, it looks at a thousand classes
settings.cache_clear()
gc.collect()
gc.freeze()  # forked parts neither walk nor copy what was imported
gc.set_threshold(50_000, 20, 20)  # as tests/conftest.py
