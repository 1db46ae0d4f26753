"""Every gate that the product opens has its row in the table of kinds."""

import ast

import pytest

from activities.gates import texts
from shared.coordination.decision import Verdict
from shared.decisions.kinds import KINDS
from shared.decisions.people import Role
from tests.architecture import modules


def names_of_gates():
    tree = ast.parse(modules()["activities.gates.texts"])
    constants = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {each for each in constants if each in KINDS} | set(texts.SCRIPTS)


def test_the_table_knows_every_gate_that_has_a_text():
    release = next(
        node
        for node in ast.walk(ast.parse(modules()["activities.gates.texts"]))
        if getattr(node, "name", "") == "release"
    )
    named = {node.value for node in ast.walk(release) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    gates = {each for each in named if each.replace("-", "").isalpha() and not each.startswith("python")}

    assert gates | set(texts.SCRIPTS) <= set(KINDS)
    assert names_of_gates() >= {"test", "cutover", "accept", "decommission", "stop-services"}


@pytest.mark.parametrize("name", KINDS)
def test_stopping_is_open_to_whoever_may_go_on_and_to_others(name):
    assert Role.OPERATOR in KINDS[name].roles(Verdict.REJECT)
    assert KINDS[name].role in KINDS[name].roles(Verdict.REJECT)


def test_what_cannot_be_taken_back_needs_four_eyes_and_an_end_of_a_source_the_owner():
    assert {name for name, kind in KINDS.items() if kind.four_eyes} == {"cutover", "accept", "decommission"}
    assert KINDS["decommission"].role == Role.OWNER
