#!/usr/bin/env bash
# pypsrp 0.9.1: lists and hashtables that stand in an array are read as objects without anything in them.
#
# Guess: what pypsrp writes it reads back, as it does with a hashtable of hashtables: [{"disk": 0}, {"disk": 1}] gives two dicts.
# Seen: each element of System.Object[] that is itself a list or a hashtable comes back as a GenericComplexObject with its types and no
#       properties; the content is left as a piece of XML among the names of its `property_sets`. In a System.Collections.ArrayList
#       the very same elements are read. No error is raised.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pypsrp==0.9.1
"$folder/venv/bin/python" - <<'PYTHON'
from xml.etree import ElementTree

from pypsrp.complex_objects import GenericComplexObject
from pypsrp.serializer import Serializer


def read_back(value, change=str):
    sent = change(ElementTree.tostring(Serializer().serialize(value), encoding="unicode"))
    return Serializer().deserialize(ElementTree.fromstring(sent))


def as_array_list(sent):
    return sent.replace("<T>System.Object[]</T><T>System.Array</T>", "<T>System.Collections.ArrayList</T>", 1)


nested = {"vm": {"disk": {"size": 1}}, "names": ["web-1", "web-2"]}
disks = [{"disk": 0}, {"disk": 1}]
assert read_back(nested) == nested, read_back(nested)
assert read_back(disks, as_array_list) == disks, read_back(disks, as_array_list)
for value in (disks, [["web-1"], ["web-2"]]):
    for element in read_back(value):
        print(f"of {value}:", type(element).__name__, element.adapted_properties, element.extended_properties, element.property_sets)
        assert type(element) is GenericComplexObject, "this has changed"
        assert not element.adapted_properties and not element.extended_properties, "this has changed"
        assert [each[:5] for each in element.property_sets] in (["<DCT>"], ["<LST>"]), "this has changed"
PYTHON
