"""Imported once by the process that others are forked from: all that the parts of the stack import."""

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

import function_app
import local.host.cli
import local.simulator.server
import local.ssm.app
from local.moto_gaps import teach_moto
from local.power import Neighbours
from shared.settings import settings
from tests.tls import share_context

__all__ = ["azure", "boto3", "function_app", "local"]

teach_moto(Neighbours())  # before anything else imports moto
import moto.server  # noqa: E402, F401 - see above

share_context()
settings.cache_clear()
