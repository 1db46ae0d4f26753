"""The evidence pack of a migration, from the ledger: report, plan, events, decisions. The same state gives the same bytes."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from shared.backup.manifest import digest_of
from shared.ledger import migrations, plans
from shared.models import Model
from shared.plan.file_places import without_secrets
from shared.record.place import content_of, is_kept
from shared.reporting import ledger_views
from shared.reporting.evidence_manifest import EvidenceManifest, packed
from shared.reporting.report import file_of, report_at
from shared.reporting.report_model import Report
from shared.version import VERSION

HOLDS: Final = {
    "report.json": "the report, whole",
    "report.html": "the report for people; it needs nothing from outside",
    "report.csv": "a line for each machine",
    "events.jsonl": "what happened, the oldest first, a line for each event",
    "decisions.json": "who decided what, when, in which role and why, the oldest first",
    "plan.json": "the plan that the migration runs; addresses without users and queries, which may be secret",
    "plan-at-start.json": "the plan that it began with, where it was changed since",
    "record.jsonl": "the record of decisions that nobody could change, where one is kept",
}


def evidence_of(migration: str, now: datetime) -> bytes:
    """Give the pack of a migration as of its last change. Raises `NotFound`."""
    report = _report(migration, now)
    plan = plans.load(migration)
    files = {
        **{f"report.{kind}": file_of(report, kind) for kind in ("json", "html", "csv")},
        "events.jsonl": _lines(report.events),
        "decisions.json": _text([_plain(each) for each in report.approvals]),
        **_plans(migration, plan),
        **({"record.jsonl": content_of(migration)} if is_kept() else {}),
    }
    view = report.migration
    manifest = EvidenceManifest(
        migration=view.id,
        version=VERSION,
        as_of=report.made,
        status=view.status,
        outcome=view.outcome,
        plan_sha256=digest_of(plan),
    )
    return packed(manifest, files, HOLDS)


def _report(migration: str, now: datetime) -> Report:
    """Give the report as of the last change: at another hour it says the same, an outage that goes on included."""
    row = ledger_views.migration(migration, now)
    events = tuple(ledger_views.every_event(migration))
    machines = ledger_views.every_machine(migration, now)
    changes = (
        row.stamp,
        *(each.stamp for each in machines),
        *(each.at for each in events),
        *(each.since for each in row.gates),
    )
    made = max(changes)
    view = ledger_views.migration(migration, made)
    return report_at(view, events, made)


def _plans(migration: str, plan: bytes) -> dict[str, bytes]:
    """Give the plan that runs, and the first one where it was changed."""
    files = {"plan.json": _shown(plan)}
    if migrations.plan_key(migration):
        files["plan-at-start.json"] = _shown(plans.load_as(migration, ""))
    return files


def _shown(plan: bytes) -> bytes:
    return _text(_without_secrets(json.loads(plan)))


def _without_secrets(part: Any) -> Any:
    """Give a plan whose addresses have lost what may be a password or a signature."""
    if isinstance(part, str):
        return without_secrets(part)
    if isinstance(part, Mapping):
        return {name: _without_secrets(value) for name, value in part.items()}
    return [_without_secrets(each) for each in part] if isinstance(part, list) else part


def _plain(each: Model) -> Any:
    return each.model_dump(mode="json", by_alias=True, exclude_none=True)


def _lines(rows: Iterable[Model]) -> bytes:
    return "".join(f"{each.model_dump_json(by_alias=True, exclude_none=True)}\n" for each in rows).encode()


def _text(data: Any) -> bytes:
    return f"{json.dumps(data, ensure_ascii=False, indent=1)}\n".encode()
