"""The example of docs/testing.md, run as printed by somebody else's pytest."""

import re

from tests.shims import fences

pytest_plugins = "pytester"
PAGE = fences.text("testing.md")


def test_the_files_of_the_page_pass_as_printed(pytester):
    files = dict(re.findall(r"^`(\S+)`:\n\n```\w+\n(.*?)^```", PAGE, re.M | re.S))
    assert sorted(files) == [
        "main.py", "readings.py", "test_main.py", "test_readings.py", "world.toml"
    ]  # fmt: skip
    for name, text in files.items():
        (pytester.path / name).write_text(text)
    (shown, _) = fences.blocks(PAGE, "text")
    told = int(shown.split()[0])
    result = pytester.runpytest_subprocess("-p", "no:xdist", "-p", "no:randomly", "-q")
    result.assert_outcomes(passed=told + 1)  # and that of main.py


def test_without_pytest_it_is_as_printed(capsys):
    part = fences.section(PAGE, "## Without pytest")
    (program,), (shown,) = fences.blocks(part, "python"), fences.blocks(part, "text")
    exec(program, {})
    assert capsys.readouterr().out == shown
