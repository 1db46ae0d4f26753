"""The rules of the architecture are kept; and the checker can tell when they are not."""

import ast
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel, create_model

from cli.app import COMMANDS
from shared.itinerary import ITINERARY
from shared.reporting.release_commands import CLI
from tests.architecture import (
    FEW,
    IMPURE,
    LONG_FUNCTION,
    NO_NOUNS,
    PACKAGES,
    ROOT,
    SHARE_OF_LARGE,
    SHARE_OF_LONG,
    SHARE_OF_MANY,
    SMALL_MODULE,
    UNREPEATABLE,
    bindings,
    breaches,
    classes,
    guarded,
    imported,
    lengths,
    modules,
    phase_collections,
    reached,
    shapeless,
    signatures,
    tree_of,
    within,
)
from tests.road_questions import questions
from tests.text_questions import MAY_READ, text_questions, texts_read

MODULES = modules()
TESTS = {str(path.relative_to(ROOT)): path.read_text() for path in sorted((ROOT / "tests").rglob("*.py"))}
LEDGER = {
    kind
    for name in MODULES
    if name.startswith("shared.ledger.")
    for kind in vars(import_module(name)).values()
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == name
}
# The wave asks for its approval by itself; what only opens a gate, or checks again what `verify` checks, has no verb.
PHASES = {step.phase for step in ITINERARY}
WITHOUT_FILE = {"orchestrators": {"approval"}, "activities": {"accept", "accept_test_vm", "verify_test_vm"}}


def collections(name: str, source: str) -> list[str]:
    """Collections of phases, outside the itinerary."""
    return [f"{name} {found}" for found in phase_collections(source, PHASES)] if name != "shared.itinerary" else []


def misnomers(name: str, source: str) -> list[str]:
    """Names that are no nouns."""
    return [f"{name}: {found}" for found in sorted(bindings(source) & NO_NOUNS)]


def of(*packages: str) -> set[str]:
    """The modules of some packages."""
    return {name for name in MODULES if name.split(".")[0] in packages}


RULES: dict[Callable[[str, str], Iterable[str]], Collection[str]] = {
    breaches: set(MODULES),
    questions: MODULES.keys() - of("local"),
    collections: of("shared", "activities", "orchestrators"),
    misnomers: {*MODULES, *TESTS},
    text_questions: set(MODULES),
}

KEPT = (lengths, signatures, classes)  # what tests look up by itself: it is kept from the same tree


@pytest.fixture(scope="module", autouse=True)
def breached() -> dict[str, list[str]]:
    """What each rule finds: all look at one module before the next, as a tree takes longest to make and room to keep."""
    found: dict[str, list[str]] = {rule.__name__: [] for rule in RULES}
    for name, source in (MODULES | TESTS).items():
        for keep in KEPT if name in MODULES else ():
            keep(source)
        for rule, names in RULES.items():
            found[rule.__name__] += rule(name, source) if name in names else ()
    return found


def test_each_module_keeps_the_rules(breached):
    assert [] == breached["breaches"]


@pytest.mark.parametrize("package", PACKAGES)
def test_nine_functions_in_ten_are_short(package):
    ours = [length for name, source in MODULES.items() if name.startswith(package) for _, length in lengths(source)]

    assert sum(length > LONG_FUNCTION for length in ours) <= SHARE_OF_LONG * len(ours)


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("orchestrators.")])
def test_what_an_orchestrator_brings_in_is_pure_too(name):
    brought = {each for each in reached(name, MODULES) if each in MODULES}
    impure = within(brought, *IMPURE)
    unrepeatable = {(each, found) for each in brought for found in within(imported(each, MODULES[each]), *UNREPEATABLE)}

    assert (set(), set()) == (impure, unrepeatable)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_folder_with_modules_is_a_package(name):
    folders = {path.parent for path in (ROOT / name).rglob("*.py") if "node_modules" not in path.parts}

    assert [] == [folder for folder in folders if not (folder / "__init__.py").is_file()]


@pytest.mark.parametrize("package", ["orchestrators", "activities"])
def test_each_phase_of_the_itinerary_has_a_file_of_its_name(package):
    phases = {step.phase for step in ITINERARY} - WITHOUT_FILE[package]
    files = {path.stem for path in (ROOT / package).glob("*.py")}

    assert set() == phases - files


@pytest.mark.parametrize("package", ["triggers", "orchestrators", "activities"])
def test_a_test_file_bears_the_name_of_what_it_tests(package):
    folders = [path.parent.relative_to(ROOT) for path in (ROOT / package).rglob("__init__.py")]
    tests = [path for folder in folders for path in (ROOT / "tests" / folder).glob("test_*.py")]
    tested = {path.relative_to(ROOT / "tests").with_name(path.name.removeprefix("test_")) for path in tests}
    files = {path.relative_to(ROOT) for path in (ROOT / package).rglob("*.py")}

    assert set() == tested - files


def test_each_activity_has_a_test_of_its_name():
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "activities").rglob("test_*.py")}
    with_activities = {
        name.split(".")[-1] for name, source in MODULES.items() if _has_blueprint(name, "activities", source)
    }

    assert set() == with_activities - tested


@pytest.mark.parametrize("package", ["triggers", "orchestrators", "activities"])
def test_the_front_door_lists_every_blueprint(package):
    import function_app  # noqa: PLC0415 - importing it registers everything

    listed = getattr(function_app, package.upper())
    having = [name.split(".", 1)[1] for name, source in MODULES.items() if _has_blueprint(name, package, source)]

    assert sorted(having) == sorted(listed)


BLUEPRINT = re.compile(r"^bp\b", re.MULTILINE)


def _has_blueprint(name, package, source):
    if name.split(".")[0] != package or not BLUEPRINT.search(source):
        return False
    assigned = [node for node in tree_of(source).body if isinstance(node, ast.Assign)]
    return any(isinstance(target, ast.Name) and target.id == "bp" for node in assigned for target in node.targets)


HALL = {"models", "ids", "problems", "settings", "clock", "states", "itinerary", "version"}
# Verbs of a phase that stand in no itinerary: the way back, and the rehearsal of several machines together.
BESIDE_THE_ITINERARY = {"roll_back", "restore_source", "rehearse"}


def test_the_hall_of_shared_holds_what_everything_speaks_and_nothing_else():
    assert HALL == {path.stem for path in (ROOT / "shared").glob("*.py")} - {"__init__"}


def test_what_stands_flat_in_activities_is_a_phase():
    flat = {path.stem for path in (ROOT / "activities").glob("*.py")} - {"__init__"}

    assert set() == flat - {step.phase for step in ITINERARY} - BESIDE_THE_ITINERARY


def test_no_class_name_stands_for_two_things():
    found = {}
    for name, source in MODULES.items():
        for kind in classes(source) if not name.startswith("local") else ():
            found.setdefault(kind, []).append(name)

    assert {} == {name: places for name, places in found.items() if len(places) > 1}


def test_what_a_row_of_the_ledger_holds_has_a_shape():
    assert {"MachineRow", "MigrationRow", "Event", "Evidence"} <= {kind.__name__ for kind in LEDGER}
    assert [] == [f"{kind.__name__}.{field}" for kind in LEDGER for field in shapeless(kind)]


@pytest.mark.parametrize(
    ("annotation", "found"),
    [(Any, 1), (dict[str, Any], 1), (Mapping[str, tuple[object, ...]] | None, 1), (dict[str, str], 0)],
)
def test_the_checker_sees_a_field_without_a_shape(annotation, found):
    assert found == len(list(shapeless(create_model("Loose", value=annotation, text=str))))


def test_which_phases_behave_alike_is_said_in_the_itinerary_only(breached):
    assert [] == breached["collections"]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('LATE = ("verify", "accept")', 1),
        ('AFTER = {"verify": 1, "accept": 2}', 1),
        ('if phase in ("verify",): pass', 1),
        ('ONLY = ("verify",)', 1),
        ('pointer("waves", "verify")', 0),
        ('if phase == "verify": pass', 0),
    ],
)
def test_the_checker_sees_a_collection_of_phases(code, found):
    assert found == len(list(phase_collections(code, PHASES)))


def test_a_state_is_written_through_its_guard_only():
    past_it = re.compile(r"""machines\.TABLE\.(?!of\()|"machines", MachineRow""")  # reading rows is open to all

    assert [name for name, source in MODULES.items() if past_it.search(source)] == ["shared.ledger.machines"]
    assert guarded(MODULES["shared.ledger.machines"], "stamped") == {"next_row"}


TOLD = re.compile(rf"{CLI} (?:{'|'.join(COMMANDS)})\b|\{{CLI\}} ")


def test_commands_that_people_are_told_to_type_are_made_in_one_place():
    ours = of("shared", "activities", "triggers")
    typed = [
        (name, line)
        for name in ours
        for line in MODULES[name].splitlines()
        if TOLD.search(line) and "registration-key" not in line and name != "shared.reporting.release_commands"
    ]

    assert len(ours) > 100
    assert [] == typed


def test_nobody_but_the_road_is_asked_which_road_it_is(breached):
    assert [] == breached["questions"]


@pytest.mark.parametrize(
    "code",
    [
        'if plan.scenario == "x": pass',
        "if plan.scenario in THESE: pass",
        "a = b if plan.provider != MODERN else c",
        "if wave.replication.mode.lower() == x: pass",
        "TEXTS[plan.replication.mode]",
        "TEXTS.get((plan.scenario, plan.replication.mode), {})",
        "match plan.scenario:\n    case _: pass",
        "if plan.scenario.startswith(x): pass",
        "mode = plan.replication.mode\nif mode == x: pass",
        "a, here = 1, plan.scenario\nif here in x: pass",
        "if road.provider.name in SOME: pass",
        "if details.instance_type == x: pass",
        "if plan.source.aws: pass",
        'MODE = "configurationServer"',
        'SENDERS = {"azure-to-azure": 1}',
        'BRINGS = ("InMageRcm",)',
        "def applies_to(plan): return True",
        "if isinstance(road, HyperVRoad): pass",
    ],
)
def test_the_checker_sees_a_question_for_the_road(code):
    assert any("let the road answer" in each for each in questions("activities.x", f"{DOC}\n{code}"))
    assert [] == list(questions("shared.roads.x", f"{DOC}\n{code}"))


def test_the_checker_lets_a_road_be_asked_for_what_it_knows():
    good = (
        "road = road_of(plan)\nif road.server is None or road.provider.commits: pass\n"
        "row = Row(scenario=plan.scenario, mode=plan.replication.mode)\nif wave.cutover.mode == x: pass\n"
    )

    assert [] == list(questions("activities.x", f"{DOC}\n{good}"))


def test_what_happens_next_hangs_on_no_spelling(breached):
    assert [] == breached["text_questions"]


def test_each_text_that_may_be_read_is_read():
    assert {name: set(MAY_READ[name]) for name in MAY_READ} == {name: texts_read(MODULES[name]) for name in MAY_READ}


@pytest.mark.parametrize(
    "code",
    [
        'if poll.phase.startswith("cohort"): pass',
        "if row.owner.endswith(LOST): pass",
        'kind, _, name = owner.partition(".")',
        'number = wait.id.rpartition(".")[2]',
        'if "cohort" in poll.phase: pass',
        'if "x" not in waiting_for: pass',
    ],
)
def test_the_checker_sees_a_text_that_is_read(code):
    assert 1 == len(list(text_questions("activities.x", code)))
    assert [] == list(text_questions("shared.site_recovery.x", code))


def test_the_checker_lets_names_be_taken_from_arm_ids():
    assert [] == list(text_questions("activities.x", 'name = vm_id.rpartition("/")[2]'))


DOC = '"""One job."""\n'


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("orchestrators.x", "from activities.x import y", "orchestrators may not import activities"),
        ("orchestrators.x", "import activities", "orchestrators may not import activities"),
        ("activities.x", "def f():\n    from orchestrators import y", "activities may not import orchestrators"),
        ("shared.x", "from activities import y", "shared may not import activities"),
        ("shared.a.x", "from ...triggers import y", "shared may not import triggers"),
        ("triggers.x", "import local.clock", "triggers may not import local"),
        ("cli.x", "from orchestrators import migrate", "cli may not import orchestrators"),
        ("activities.x", "import azure.durable_functions as df", "only shared.durable.sdk may import"),
        ("activities.x", "from azure import durable_functions", "only shared.durable.sdk may import"),
        ("activities.x", "import os\nos.environ['A']", "only shared.settings may read the environment"),
        ("activities.x", "from os import getenv", "only shared.settings may read the environment"),
        ("orchestrators.x", "import random", "may not import random"),
        ("orchestrators.x", "from uuid import uuid4", "may not import uuid"),
        ("orchestrators.x", "import azure.mgmt.compute", "may not import azure.mgmt.compute"),
        ("orchestrators.x", "from shared import settings", "may not import shared.settings"),
        ("orchestrators.x", "from shared.ledger.machines import change", "may not import shared.ledger"),
        ("activities.x", "from datetime import datetime\ndatetime.now()", "may not read the wall clock"),
        ("activities.x", "import datetime as d\nd.datetime.utcnow()", "may not read the wall clock"),
        ("activities.x", "from shared.clock import now", "may not read the wall clock"),
        ("orchestrators.x", "import time", "may not read the wall clock"),
        ("local.simulator.x", "from shared.models import Done", "a stand-in may not import shared.models"),
        ("local.host.web.x", "import local.clock", "not relatively"),
        ("shared.utils", "", "is a drawer"),
        ("local.base.x", "", "is a drawer"),
        ("shared.x", "\n" * 300, "302 lines, more than 300"),
        ("shared.x", "def f():\n" + "    a = 1\n" * 40, "41 lines, more than 40"),
        ("local.x", "def f():\n" + "    a = 1\n" * 60, "61 lines, more than 60"),
    ],
)
def test_the_checker_sees_a_breach(name, code, message):
    assert any(message in each for each in breaches(name, f"{DOC}\n{code}"))


def test_the_checker_sees_a_missing_docstring_and_a_full_init():
    assert any("no docstring" in each for each in breaches("shared.x", "a = 1"))
    assert any("holds something" in each for each in breaches("shared.__init__", DOC))


def test_the_checker_lets_good_code_pass():
    good = (
        f"{DOC}\nfrom datetime import timedelta\n\nfrom shared.models import Done\n\n\ndef f(now):\n    return now()\n"
    )

    assert [] == list(breaches("orchestrators.x", good))


def test_the_checker_follows_imports_to_their_end():
    sources = {"orchestrators.x": "import shared.a", "shared.a": "import shared.b", "shared.b": "import os"}

    assert {"orchestrators.x", "shared.a", "shared.b", "os"} == reached("orchestrators.x", sources)


def test_nearly_every_function_takes_four_parameters_at_most():
    counted = [
        (f"{name}.{function}", len(names)) for name, source in MODULES.items() for function, names in signatures(source)
    ]
    many = [name for name, count in counted if count > FEW]
    assert len(many) <= SHARE_OF_MANY * len(counted), many


def test_four_modules_in_five_are_small():
    large = [name for name, source in MODULES.items() if len(source.splitlines()) > SMALL_MODULE]
    assert len(large) <= SHARE_OF_LARGE * len(MODULES), large


def test_whatever_has_a_name_is_called_by_a_noun(breached):
    assert [] == breached["misnomers"]


@pytest.mark.parametrize(
    "code",
    [
        "one = 1",
        "def f(one): pass",
        "def f(*one): pass",
        "lambda one: 1",
        "for one in x: pass",
        "[one for one in x]",
        "with x as (a, one): pass",
        "try: pass\nexcept ValueError as one: pass",
        "if one := x: pass",
        "self.one = 1",
        "class A:\n    one = 1",
        "class A:\n    one: int = 1",
        "from x import one",
        "def one(): pass",
        "match x:\n    case [*one]: pass",
    ],
)
def test_the_checker_sees_every_way_to_name_something(code):
    assert "one" in bindings(code)
