#!/usr/bin/env bash
# mcp 2.3.0: a tool's text argument that may be left out is read as JSON, one that must be given is not.
#
# Guess: `text: str | None = None` and `text: str` take the same texts, as their input schemas say.
# Seen: for the first, the text "null" arrives as None, and a text that is a JSON object or list is refused as "not a valid string",
#       though the schema allows any string; for `text: str` each arrives as sent. A comment, a pasted policy or an address
#       list changes or fails by what it holds. `text: str = ""` is not touched.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check mcp==2.3.0
"$folder/venv/bin/python" -W ignore - 2>"$folder/errors" <<'PYTHON' || { cat "$folder/errors"; exit 1; }
import asyncio

from mcp import Client
from mcp.server.mcpserver import MCPServer

server = MCPServer("migrations")


@server.tool()
def optional(text: str | None = None) -> str:
    return repr(text)


@server.tool()
def required(text: str) -> str:
    return repr(text)


@server.tool()
def defaulted(text: str = "") -> str:
    return repr(text)


async def main():
    async with Client(server) as client:

        async def arrived(tool, text):
            answer = await client.call_tool(tool, {"text": text})
            return "refused" if answer.is_error else answer.content[0].text

        schema = {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}["optional"]
        assert {"type": "string"} in schema["properties"]["text"]["anyOf"], schema
        for text, as_optional in (("hello", "'hello'"), ("null", "None"), ('{"a": 1}', "refused"), ("[1]", "refused")):
            seen = [await arrived(tool, text) for tool in ("optional", "required", "defaulted")]
            print(f"{text}: str | None = None: {seen[0]}; str: {seen[1]}; str = '': {seen[2]}")
            assert seen == [as_optional, repr(text), repr(text)], "this has changed"


asyncio.run(main())
PYTHON
