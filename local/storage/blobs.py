"""The blob service: whole blobs in containers, written once or anew."""

import itertools
from collections.abc import Mapping
from email.utils import formatdate
from xml.sax.saxutils import escape

from .wire import Answer, Refused, Request

ONE = (
    "<Blob><Name>{name}</Name><Properties><Creation-Time>{moment}</Creation-Time><Last-Modified>{moment}</Last-Modified>"
    "<Content-Length>{size}</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>"
)


class Blobs:
    """All containers of the account."""

    def __init__(self) -> None:
        """Have none."""
        self.containers: dict[str, dict[str, bytes]] = {}
        self._count = itertools.count(1)

    def answer(self, request: Request) -> Answer:
        """Do what a request asks. Raises `Refused`."""
        container, _, name = request.path.split("/", 2)[2].partition("/")
        if request.query.get("restype") == "container" and request.method == "PUT":
            return self._make(container)
        if container not in self.containers:
            raise Refused(404, "ContainerNotFound", "The specified container does not exist.")
        blobs = self.containers[container]
        if request.query.get("comp") == "list":
            return _listed(blobs, request.query.get("prefix", ""))
        if request.method == "PUT":
            return self._put(blobs, name, request)
        if name not in blobs:
            raise Refused(404, "BlobNotFound", "The specified blob does not exist.")
        if request.method == "DELETE":
            del blobs[name]
            return Answer(202)
        return self._read(blobs[name], request.headers)

    def _make(self, container: str) -> Answer:
        if container in self.containers:
            raise Refused(409, "ContainerAlreadyExists", "The specified container already exists.")
        self.containers[container] = {}
        return Answer(201, headers=self._marks())

    def _put(self, blobs: dict[str, bytes], name: str, request: Request) -> Answer:
        if "comp" in request.query:
            raise Refused(501, "NotImplemented", f"this service does not know comp={request.query['comp']}")
        if request.headers.get("if-none-match") == "*" and name in blobs:
            raise Refused(409, "BlobAlreadyExists", "The specified blob already exists.")
        blobs[name] = request.body
        return Answer(201, headers=self._marks())

    def _read(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        marks = {"content-type": "application/octet-stream", "x-ms-blob-type": "BlockBlob", **self._marks()}
        wanted = headers.get("x-ms-range")
        if not wanted:
            return Answer(200, body, marks)
        first, last = (int(each) for each in wanted.removeprefix("bytes=").split("-"))
        if first >= len(body):
            raise Refused(416, "InvalidRange", "The range specified is invalid for the current size of the resource.")
        part = body[first : last + 1]
        return Answer(206, part, {**marks, "content-range": f"bytes {first}-{first + len(part) - 1}/{len(body)}"})

    def _marks(self) -> dict[str, str]:
        return {"etag": f'"0x{next(self._count):X}"', "last-modified": formatdate(usegmt=True)}


def _listed(blobs: Mapping[str, bytes], prefix: str) -> Answer:
    names = [name for name in sorted(blobs) if name.startswith(prefix)]
    moment = formatdate(usegmt=True)
    found = "".join(ONE.format(name=escape(name), size=len(blobs[name]), moment=moment) for name in names)
    body = f'<?xml version="1.0" encoding="UTF-8"?><EnumerationResults><Blobs>{found}</Blobs><NextMarker/></EnumerationResults>'
    return Answer(200, body.encode(), {"content-type": "application/xml"})
