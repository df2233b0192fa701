"""The rules of the command line's source: no circles, and each folder states its rule."""

import ast

import pytest

from spwf04_cli.app import COMMANDS
from tests import house
from tests.shims.package import ROOT

FILES = house.read(ROOT / "spwf04_cli", "spwf04_cli")
FOLDERS = [name for name, file in FILES.items() if file.is_package]
# A file in no folder counts as a folder of its own
ALONE = "\n".join(f": {name or '__init__'}" for name, file in FILES.items() if not file.folder)


def test_no_files_import_each_other():
    assert list(house.in_circles(FILES)) == []


def test_no_folders_import_each_other():
    assert list(house.folders_in_circles(FILES, ALONE)) == []


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_says_its_rule(name):
    said = ast.get_docstring(FILES[name].tree) or ""
    assert said.splitlines()[0].endswith((".", ":"))


def test_a_command_has_its_file_and_a_file_its_command():
    files = {name for name, file in FILES.items() if file.folder == "commands"}
    assert files - {"commands"} == {f"commands.{file}" for file in COMMANDS.values()}


def test_no_file_and_no_folder_is_too_large():
    large = [line for line in house.too_long(FILES) if not line.startswith("function ")]
    assert large == ["folder commands"]  # a file for each command


def test_an_underscore_means_this_file_only():
    known = {"reference.commands: _replace"}  # of a NamedTuple
    assert set(house.others_privates(FILES)) == known


def test_classes_and_objects_of_others_get_no_methods():
    known = {"provisioning.bench: setattr(record, name, before.get(name, []))"}  # fields
    assert set(house.put_on_others(FILES)) == known


@pytest.mark.parametrize("folder", ["bench", "tools", "spwf04_cli"])
def test_nobody_uses_what_is_private_in_the_driver(folder):
    others = house.read(ROOT / folder, folder)
    own = {word for file in others.values() for word in house.defines(file)}
    files = [f for f in house.driver().values() if f.folder in ("", "at", "net")]
    private = {word for file in files for word in house.defines(file)} - own
    assert [line for line in house.others_privates(others) if line.split(": ")[1] in private] == []
