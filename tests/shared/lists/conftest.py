"""Lists as the other tools write them, and a plan that they go into."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from shared.lists.importing import import_lists
from shared.lists.options import ListOptions
from shared.lists.sources import ListFile

TARGET = """\
target:
  subscriptionId: 00000000-0000-0000-0000-000000000001
  region: westeurope
  resourceGroup: rg-finance
  network: {vnet: vnet-prod, subnet: app, testVnet: vnet-test, testSubnet: app}
  cacheStorageAccount: stferrycache
  vault: {name: rsv-ferry, create: true}
"""
FIRST = {
    "aws-to-azure": "  - {name: keep, machines: [{name: kept1, source: {privateIp: 10.9.9.9}}]}  # ours\n",
    "physical-to-azure": "  - {name: keep, machines: [{name: kept1, source: {name: kept1}}]}  # ours\n",
}
HEADS = {
    "aws-to-azure": "source: {aws: {region: eu-west-1}}\n",
    "physical-to-azure": "replication: {agent: {install: manual}}\n",
    "vmware-to-azure": "replication: {agent: {install: manual}}\n",
    "agentless": "replication: {mode: agentless}\n",
    "configurationServer": (
        "replication: {mode: configurationServer, appliance: {name: ferry-cs, runAsAccount: linux}, agent: {install: push}}\n"
        "source: {vmware: {vcenter: vcenter.corp.example, account: vcenter}}\n"
    ),
    "hyperv-to-azure": "source: {hyperv: {site: ferry-site}}\n",
}


def plan_for(road):
    """A plan with a wave of its own and a comment, as a person wrote it."""
    scenario = "vmware-to-azure" if road in ("agentless", "configurationServer") else road
    return f"# ours\nname: finance\nscenario: {scenario}\n{HEADS[road]}{TARGET}waves:\n" + FIRST.get(
        scenario, FIRST["physical-to-azure"]
    )


def workbook(sheets, hidden=(), title_rows=()):
    """An XLSX file of sheets by name; rows are tuples."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in (*title_rows, *rows):
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
        if title_rows:
            sheet.merge_cells("A1:C1")
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def archive(members):
    kept = io.BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as packed:
        for name, body in members.items():
            packed.writestr(name, body)
    return kept.getvalue()


def as_file(body, name="list.csv"):
    return ListFile(name, body.encode() if isinstance(body, str) else body)


@pytest.fixture
def into():
    """Import one file, or several, into a plan."""

    def run(body, plan="", name="list.csv", **options):
        files = body if isinstance(body, list) else [as_file(body, name)]
        return import_lists(files, plan, "finance", ListOptions(**options))

    return run


def machines(result):
    """The machines that were added, by name."""
    return {each.machine: each.after for each in result.changes if each.kind == "added"}


def found(result, severity="error"):
    return [each for each in result.findings if each.severity == severity]


def messages_of(result):
    return [(each.severity.value, each.row, each.column, each.read) for each in result.findings]
