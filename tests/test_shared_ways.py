"""A way that a worker has walked is another worker's too, through that one's own stand-ins."""

from pathlib import Path

from tests.activities.shared_ways import SharedWays

OURS, THEIRS, LONGER = "http://127.0.0.1:41234", "http://127.0.0.1:51234", "http://127.0.0.1:512345"


def step(address: str) -> tuple[str, ...]:
    return ("begin", f"POST {address}/control/clock b''")


def test_another_worker_finds_it_by_the_same_steps_and_at_its_own_addresses(tmp_path: Path) -> None:
    with (ours := SharedWays(tmp_path, (OURS,))).way(step(OURS)) as file:
        assert ours.read(file) is None
        ours.write(file, {"url": f"{OURS}/control", "body": f'{{"nextLink": "{OURS}/2"}}'.encode()})

    with (theirs := SharedWays(tmp_path, (THEIRS,))).way(step(THEIRS)) as found:
        assert theirs.read(found) == {"url": f"{THEIRS}/control", "body": f'{{"nextLink": "{THEIRS}/2"}}'.encode()}


def test_who_went_other_steps_or_has_addresses_of_another_width_finds_nothing(tmp_path: Path) -> None:
    with (ours := SharedWays(tmp_path, (OURS,))).way(step(OURS)) as file:
        ours.write(file, "a trail")

    for ways, steps in ((SharedWays(tmp_path, (THEIRS,)), ("begin",)), (SharedWays(tmp_path, (LONGER,)), step(LONGER))):
        with ways.way(steps) as found:
            assert ways.read(found) is None
