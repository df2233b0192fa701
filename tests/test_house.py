"""The rules for the driver's source, each with a fault that it finds.

An exception to a rule stands beside it, with the reason. Two more rules have files of their own:
each source in brackets leads to docs/protocol.md (test_references.py), and a program needs no more
heap than is allowed (test_size.py and bench/targets.py).
"""

import subprocess
import sys

import pytest

from tests import house
from tests.shims.package import ROOT

FILES = house.driver()


def holds(rule, allowed=()):
    """Compare what a rule finds with what it allows."""
    found = house.faults(rule, FILES)
    assert sorted(found - set(allowed)) == []
    assert sorted(set(allowed) - found) == [], "allowed, and no longer there"


@pytest.fixture
def made(tmp_path):
    """made(**texts): the files of a made-up driver; net__pool="…" is net/pool.py."""

    def make(**texts):
        for name, text in texts.items():
            path = tmp_path.joinpath(*name.split("__", 1)).with_suffix(".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        (tmp_path / "__init__.py").touch()
        for folder in {p.parent for p in tmp_path.rglob("*.py")}:
            if not (folder / "__init__.py").exists():
                (folder / "__init__.py").write_text('"""A folder."""\n')
        return house.read(tmp_path)

    return make


# 1. A file imports only its folder's lower neighbours and lower floors, lazily or not ------------
FLOORS = """
: __init__
: radio
net: pool socket
at: channel
"""


def test_imports_point_down():
    holds("1 imports")


@pytest.mark.parametrize(
    "text, targets",
    [
        ("from .pool import SocketPool", "net.pool"),
        ("from . import pool, nothing", "net.pool net"),
        ("from .. import radio", "radio"),
        ("from ..radio import SPWF04", "radio"),
        ("from spwf04.radio import SPWF04", "radio"),
        ("from spwf04 import radio", "radio"),
        ("import spwf04.radio", "radio"),
        ("def f():\n    from ..radio import SPWF04", "radio"),
        ("TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from ..radio import SPWF04", "radio"),
        ("__import__('net.pool', globals(), None, ('f',), 2)", "net.pool"),
        ("T = 'scan net.pool ping radio'\n__import__(T.split()[1], None, None, (), 2)",
         "net.pool radio"),
        ("import sys\nsys.modules.get('spwf04.radio')\n__import__('radio')", "radio"),
        ("from ..at.task import once\nonce('radio', 'f')", "at.task radio"),
        ("from ..checks import once\nonce('radio', 'f')", ""),
        ("__import__('radio')", ""),
        ("from ..at.channel import ATChannel", "at.channel"),
        ("import socket", ""),
        ("'''from .pool import f'''", ""),
    ],
)  # fmt: skip
def test_how_imports_are_read(made, text, targets):
    files = made(radio="", net__pool="", at__channel="", at__task="", net__socket=text)
    found = {target for target, _ in house.imports(files["net.socket"], files)}
    assert found == set(targets.split())


def test_an_arrow_up_is_found(made):
    files = made(
        radio="def scan():\n    from .net.pool import SocketPool",
        net__pool="from .socket import Socket\nfrom ..at.channel import ATChannel",
        net__socket="def f():\n    from .pool import x",
        at__channel="if TYPE_CHECKING:\n    from ..net.socket import Socket",
    )
    assert set(house.arrows_up(files, FLOORS)) == {
        "net.socket -> net.pool",
        "at.channel -> net.socket",
    }


def test_a_file_without_a_floor_is_found(made):
    files = made(radio="", net__pool="", net__new="")
    found = set(house.not_on_a_floor(files, FLOORS))
    assert found == {"net.new", "net.socket", "at.channel"}


def test_a_folder_that_does_more_than_say_its_rule_is_found(made):
    files = made(radio="", net__pool="", at__channel="", net____init__="'''Sockets.'''\nx = 1")
    assert set(house.folders_that_do_more(files, FLOORS)) == {"net"}


# 2. No circle, by file and by folder -------------------------------------------------------------
def test_there_are_no_circles():
    holds("2 circles")


def test_a_circle_is_found(made):
    files = made(
        radio="def f():\n    from .net import pool",
        net__pool="def f():\n    from ..at import channel",
        net__socket="",
        at__channel="from ..net import socket",
    )
    assert set(house.in_circles(files)) == set()
    assert set(house.folders_in_circles(files, FLOORS)) == {"folder net", "folder at"}
    files = made(at__channel="from ..net import pool")
    assert set(house.in_circles(files)) == {"file net.pool", "file at.channel"}
    assert house.circles(house.edges(files)) == [["at.channel", "net.pool"]]


# 3. Every public name of a public class stands in its class statement, or in that of a base ------
# The exceptions: here code finds names
DYNAMIC = {
    "spwf04: module.__getattr__": "a public name is imported when it is first used",
    "at.trace: _Tap.__getattr__": "it stands round a UART, and has what that has",
}


def test_names_stand_in_their_class():
    holds("3 names", DYNAMIC)


@pytest.mark.parametrize(
    "text",
    [
        "class Socket:\n    def __getattr__(self, name):\n        return 1",
        "class Socket:\n    __getattr__ = rare",
        "class Socket:\n    __setattr__: object = rare",
        "if small:\n    def __getattr__(name):\n        return 1",
    ],
)
def test_a_class_whose_names_are_found_by_code_is_found(made, text):
    assert len(list(house.dynamic_names(made(net__socket=text)))) == 1


def test_a_name_that_does_not_stand_in_its_class_is_found(made):
    files = made(
        net__base="class Base:\n    tries = 3\n    def close(self): pass",
        net__socket="class Socket(Base):\n    @property\n    def at(self): pass\n    a = b = 1",
        net__more="Socket.send = send",
    )
    text = "Socket: a at b close send\n    tries recv\nPool: get"
    assert list(house.missing(files, text)) == ["Socket.recv", "Socket.send", "Pool.get"]


# 4. No file gives another file's class an attribute, or an object a method -----------------------
def test_classes_and_objects_get_no_methods():
    # A digitalio.DigitalInOut has this attribute; Pin.value() is a method
    holds("4 assignments", ["commands.reset: line.value = bool(level)"])


@pytest.mark.parametrize(
    "text, wrong",
    [
        ("from .socket import Socket\nSocket.recv_into = f", True),
        ("def f():\n    from .socket import Socket\n    Socket.tries = 3", True),
        ("from . import socket\nsocket.limit += 1", True),
        ("type(sock).tries = 3", True),
        ("setattr(sock, 'tries', 3)", True),
        ("class A:\n    def f(self, sock):\n        sock.connect = self.f", True),
        ("class A:\n    def f(self, sock):\n        sock.connect, x = self.f, 1", True),
        ("class A:\n    def f(self, sock):\n        del sock.connect", True),
        ("class A:\n    def __init__(self, sock):\n        self.connect = sock.connect", False),
        ("sock.timeout = 3\nsock.connect = 0", False),
        ("class A:\n    def __init__(self, hook):\n        self.hook = hook", False),
    ],
)
def test_a_method_on_an_object_is_found(made, text, wrong):
    files = made(net__socket="class Socket:\n    def connect(self):\n        pass", net__a=text)
    assert bool(set(house.put_on_others(files))) is wrong


def test_classes_and_objects_stay_what_they_are():
    command = [sys.executable, "-m", "tests.shims.grown"]
    done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == []  # what they are given while they work, see shims/grown.py


# 5. No x._name where _name is not defined in the same file ---------------------------------------
def test_an_underscore_means_this_file_only():
    holds("5 privates")


@pytest.mark.parametrize(
    "text, found",
    [
        ("sock._state", "_state"),
        ("sock._state = 3", "_state"),
        ("from .socket import _OPEN", "_OPEN"),
        ("class A:\n    _state = 0\nsock._state", ""),
        ("class A:\n    def f(self):\n        self._state = 0\nsock._state", ""),
        ("def _f():\n    pass\nx._f", ""),
        ("sock.__class__", ""),
        ("sock.state_", ""),
    ],
)
def test_others_privates_are_found(made, text, found):
    files = made(net__a=text)
    assert set(house.others_privates(files)) == {f"net.a: {n}" for n in found.split()}


def test_friends_are_what_is_listed(made):
    texts = dict.fromkeys(("at__resync", "at__trace"), "x._state")
    files = made(at__channel="class ATChannel:\n    _state = 0", **texts)
    assert list(house.others_privates(files)) == ["at.trace: _state"]


# 6. No file above 500 lines; larger functions and folders have a reason --------------------------
LARGE = {  # {what is larger: why}
    "folder spwf04": "the radio, what it is built on, and what every floor uses",
    "folder services": "a file stands for a service, or for a part that is loaded by need",
    "folder commands": "a file stands for one family of commands, and the module has many",
    "folder pki": "a file stands for a form, or for a question about certificates",
    "function at.channel.ATChannel.poll": "one turn of the line: on the data path calls cost time",
    "function at.raw.Ending._answers": "how a text is read, from its end to its beginning",
    "function commands.update.fetching": "a straight sequence, and what it listens to meanwhile",
    "function at.secret._part": "how a line is read, from its beginning to its end",
    "function commands.baudrate.set_baudrate": "a straight sequence with its ways back",
    "function commands.reset.reset": "a straight sequence",
    "function commands.update.apply": "a straight sequence, and what it listens to meanwhile",
}


def test_files_functions_and_folders_are_small_or_have_a_reason():
    assert not [line for line in LARGE if line.startswith("file ")]
    holds("6 lengths", LARGE)


def test_what_is_too_long_is_found(made):
    body = "    x = 1\n"
    doc = '    """A.\n' + "\n" * 30 + '    """\n'
    files = made(
        long="\n" * 501,
        short="\n" * 500,
        small="class A:\n    def f(self):\n" + 39 * ("    " + body),
        large="class A:\n    def f(self):\n" + 40 * ("    " + body),
        told="def f():\n" + doc + 39 * body,
        **{f"net__f{n}": "" for n in range(15)},
    )
    found = {"file long", "function large.A.f", "folder net"}  # net: 15 and its __init__
    assert set(house.too_long(files)) == found


# 7. No sys.modules outside compat, hosttls and the one once(), which is called in four places ----
def test_modules_are_taken_away_in_one_place():
    holds("7 modules")
    assert len(list(house.calls_of_once(FILES))) <= 4


def test_hands_on_sys_modules_are_found(made):
    text = "import sys\n\nsys.modules.pop('x')\n"
    files = made(at__task=text, compat__ssl=text, net__a=text, net__b="from sys import modules")
    assert set(house.modules_taken_away(files)) == {"net.a", "net.b"}


def test_what_is_dropped_is_kept_by_nobody(made):
    files = made(
        radio="from .at.task import once\ndef f():\n    yield from once('commands.join', 'join')",
        commands__join="from ..arguments import check\nfrom . import aside",
        commands__aside="from . import join",
        commands__status="def f():\n    from .join import join\n\nfrom ..errors import E",
        arguments="",
        errors="",
        at__task="def once(module, name): pass",
    )
    assert list(house.calls_of_once(files)) == ["radio: commands.join"]
    assert list(house.kept_by_others(files)) == []
    files = made(commands__status="from .join import join")
    assert list(house.kept_by_others(files)) == ["commands.status -> commands.join"]


# 9. AT commands stand in the files that send them ------------------------------------------------
def test_commands_stand_where_they_are_sent():
    holds("9 commands")


@pytest.mark.parametrize(
    "text", ["b'AT+S.STS\\r'", "'AT+S.GCFG=%s' % x", "b'AT+S.' + x", "f'AT+S.{x}'", "b'AT\\r'"]
)
def test_a_command_elsewhere_is_found(made, text):
    files = made(tls__plan=text, tls__slot=text, net__a=text, at__trace=text, at__resync=text)
    found = list(house.commands_elsewhere(files))
    assert len(found) == 1 and found[0].startswith("tls.plan: AT")


# The figures -------------------------------------------------------------------------------------
def test_figures_are_told_of_any_tree(made):
    files = made(a="from . import b", b="from . import a")
    said = list(house.figures(files))
    assert said[:2] == ["3 files, 2 lines", "1 circles, the largest of 2 files"]
    assert "   0  1 imports" not in said
