"""Times reading an RVTools workbook into a plan, and what memory it takes: `python -m tests.bench.bench_lists [MACHINES]`."""

# ruff: noqa: T201 - a bench prints its table
import io
import resource
import sys
import time

import openpyxl

from shared.lists.importing import import_lists
from shared.lists.options import ListOptions
from shared.lists.sources import ListFile

COUNT = 20_000
HEADERS = (
    "VM",
    "Powerstate",
    "Template",
    "SRM Placeholder",
    "Memory",
    "CPUs",
    "Primary IP Address",
    "VM UUID",
    "VM ID",
)
SYSTEM = "OS according to the VMware Tools"
OTHERS = 80  # columns that no plan needs, as RVTools has them


def body(count: int) -> bytes:
    """Write the sheet vInfo of so many machines."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("vInfo")
    sheet.append([*HEADERS, SYSTEM, *(f"column {number}" for number in range(OTHERS))])
    for number in range(count):
        address = f"10.{number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
        machine = (f"app{number:05}", "poweredOn", "False", "False", 8192, 4, address, f"u-{number}", f"vm-{number}")
        others = (f"[store-{number % 40}] app{number:05}" if each % 8 == 0 else each * 7 for each in range(OTHERS))
        sheet.append([*machine, "Red Hat Enterprise Linux 8 (64-bit)", *others])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def main() -> None:
    """Print processor time and the largest memory of reading, beside what the product holds itself to."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    listed = ListFile("rvtools.xlsx", body(count))
    begun = time.process_time()
    result = import_lists([listed], "", "bench", ListOptions())
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{result.machines:,} machines, {len(HEADERS) + 1 + OTHERS} columns, {len(listed.body):,} bytes")
    print(f"{seconds:.1f} s of processor time (10 are wanted for 20,000), {peak} MiB at most (300 are wanted)")


if __name__ == "__main__":
    main()
