"""The house that the command line lives in: no circles, and each folder says its rule."""

import ast

import pytest

from spwf04_cli.app import COMMANDS
from tests import house
from tests.shims.package import ROOT

FILES = house.read(ROOT / "spwf04_cli", "spwf04_cli")
FOLDERS = [name for name, file in FILES.items() if file.is_package]
# What stands in no folder counts as a folder of its own
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
    assert [line for line in house.too_long(FILES) if not line.startswith("function ")] == []
