"""Finds where code reads its way out of the text of an id, where a field, a class or an enumeration could say it.

What a flow does next must not hang on how an id, an owner or a sentence for people is spelled: whoever words it anew would
change what happens. What others write (clouds, plans, requests) has to be read; who does that is listed here.
"""

import ast
from collections.abc import Iterator

from tests.architecture import nodes_of

PACKAGES = ("orchestrators", "activities", "triggers", "shared")
READING = frozenset(
    {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split", "rsplit"}
)
OWN = frozenset(
    {"phase", "owner", "waiting_for", "release", "watch", "instance", "event", "what", "tag", "key", "handed"}
)
# They read what clouds, files of other tools, people's plans, requests and environments hold.
READERS = (
    "triggers",
    "shared.azure",
    "shared.backup",
    "shared.concerns.fitting",
    "shared.concerns.rules",
    "shared.doctor",
    "shared.guest_scripts",
    "shared.intake.addresses",
    "shared.lists",
    "shared.notifications",
    "shared.observability",
    "shared.plan",
    "shared.roads.hyperv_mappings",  # ARM ids
    "shared.scheduling.recurrence",  # days as plans write them
    "shared.settings",
    "shared.site_recovery",
    "shared.sources",
    "shared.storage",
)
# They read one text each, which these are the only ones to read.
MAY_READ = {
    "activities.enable_replication": {"item.protection_state"},  # states as Site Recovery writes them
    "activities.initial_sync": {"item.protection_state"},
    "activities.start_test_failover": {"item.test_failover_state"},
    "activities.flow.failover_rules": {"state"},
    "activities.source_scripts.agent_file": {"output", "output.partition(BEGINS)[2]"},  # what scripts print
    "activities.source_scripts.command_results": {"last", "stderr.rstrip('\\n')"},
    "activities.source_scripts.scripts": {"text"},
    "activities.verification.verification_probes": {"line"},
    "shared.coordination.slots": {"found.key"},  # four kinds of rows lie in one partition, told apart by their keys
    "shared.decisions.people": {"unicodedata.normalize('NFKC', name).casefold()"},
    "shared.durable.client_wire": {"each['instanceId']"},  # a listing by prefix, cut where the backend does not
    "shared.durable.sdk_generation": {"version(PACKAGE)"},
    "shared.ids": {"root", "migration"},  # makes ids and reads them again
    "shared.ledger.readiness": {"value"},  # as builds before 94b8829 wrote it: once it is read it is a model
    "shared.ledger.ordering": {"what"},  # sorts events of one moment; nothing follows from it
    "shared.record.entries": {"content"},  # a blob of lines
    "shared.record.keeping": {"content"},
    "shared.reporting.archive": {"query.get('outcome', '')"},  # a list with commas that callers send
    "shared.reporting.csv_lines": {"text"},  # cells that a spreadsheet would run
    "shared.reporting.ledger_views": {"release"},  # a command as people are told it, which may lack its comment
    "shared.reporting.html_parts": {"text"},
    "shared.reporting.machine_pages": {"since"},  # a token that callers give back
    "shared.reporting.workbooks": {"kept"},
    "shared.scheduling.zones": {"files(PACKAGE).joinpath('zones').read_text('utf-8')"},
}


def text_questions(name: str, source: str) -> Iterator[str]:
    """Say where a module reads its way out of a text that is not listed above."""
    if name.split(".", maxsplit=1)[0] not in PACKAGES or any(f"{name}.".startswith(f"{each}.") for each in READERS):
        return
    for text in sorted(texts_read(source) - MAY_READ.get(name, set())):
        yield f"{name} reads {text}: let a field, a class or an enumeration say it"


def texts_read(source: str) -> set[str]:
    """Give the texts that a module reads its way out of."""
    return {_read(node) for node in nodes_of(source)} - {""}


def _read(node: ast.AST) -> str:
    """Give the text that a piece of code reads its way out of; empty = it does nothing of that kind."""
    match node:
        case ast.Call(func=ast.Attribute(attr=method, value=value), args=args) if method in READING:
            return "" if args and _is_slash(args[0]) else ast.unparse(value)  # ARM ids have slashes, ours have none
        case ast.Compare(left=ast.Constant(value=str()), ops=[ast.In() | ast.NotIn()], comparators=[text]):
            own = (isinstance(text, ast.Attribute) and text.attr in OWN) or (
                isinstance(text, ast.Name) and text.id in OWN
            )
            return ast.unparse(text) if own else ""
    return ""


def _is_slash(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == "/"
