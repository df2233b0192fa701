"""tools/imports.py on packages of a few lines."""

import pytest

from tools.imports import Tree
from tools.mpy import Profile

PACKAGE = {
    "__init__": """
_NAMES = {"Radio": "radio", "Context": "tls.context"}
def __getattr__(name):
    return getattr(__import__(_NAMES[name], globals(), None, (name,), 1), name)
""",
    "radio": """
import sys
from .at.channel import Channel
TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tls.store import Store
class Radio:
    def __init__(self, uart, debug=None):
        if debug is not None:
            from .at.trace import trace
    def scan(self):
        "Look around."
        from .commands.scan import scan
        return scan(self)
    @property
    def certs(self):
        if self.store is None:
            from .tls.store import Store
            self.store = Store(self)
        return self.store
    def join(self):
        from .at.task import once
        return once("commands.join", "join", self)
    def isconnected(self):
        if not self._known:
            from .commands.status import address
    def _resync(self):
        from .at.resync import resync
    def engine(self):
        if which() == "cpython":
            from .at.cpython import Engine
    def wait(self):
        while True:
            from .commands.wait import wait
""",
    "at/__init__": "",
    "at/channel": "from . import parser\ndef explain():\n    from ..errors import Error\n",
    "at/parser": "try:\n    import errno\nexcept ImportError:\n    from ..errors import errno\n",
    "at/resync": "x = 1",
    "at/cpython": "x = 1",
    "at/task": "def once(module, name):\n    return __import__(module, None, None, (name,), 2)\n",
    "at/trace": "x = 1",
    "errors": "",
    "commands/__init__": "",
    "commands/join": "try:\n    from ..at.hints import hint\nexcept ImportError:\n    pass\n",
    "at/hints": "x = 1",
    "commands/scan": "x = 1",
    "commands/status": "from spwf04.at.channel import Channel\n",
    "commands/wait": "",
    "tls/__init__": '"""Trust."""\n',
    "tls/context": "from .store import Store\n",
    "tls/store": "x = 1",
    "services": "from .radio import Radio\n",
}
ALWAYS = {
    "__init__",
    "radio",
    "at/__init__",
    "at/channel",
    "at/parser",
    "at/resync",
    "at/task",
    "errors",
    "commands/__init__",
    "commands/join",
    "commands/status",
    "commands/wait",
}


@pytest.fixture
def tree(tmp_path):
    """The tree of PACKAGE, with these files in place of its own."""

    def made(**files):
        for name, text in {**PACKAGE, **files}.items():
            path = tmp_path / (name + ".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return Tree(tmp_path)

    return made


def test_a_door_is_a_public_name_that_is_nothing_but_its_import(tree):
    doors = {(i.name, i.target) for i in tree().imports["radio"] if i.way == "door"}
    assert {d for d in doors if not d[1].endswith("__init__")} == {
        ("Radio.__init__", "at/trace"),
        ("Radio.scan", "commands/scan"),
        ("Radio._resync", "at/resync"),
        ("Radio.certs", "tls/store"),
        ("Radio.join", "at/task"),
        ("Radio.join", "commands/join"),
    }
    assert {i.name for i in tree().imports["__init__"]} == {"spwf04.Radio", "spwf04.Context"}


def test_what_only_a_type_checker_reads_is_no_import(tree):
    assert "Radio.certs" in {i.name for i in tree().imports["radio"] if i.target == "tls/store"}
    assert len([i for i in tree().imports["radio"] if i.target == "tls/store"]) == 1
    other = "if TYPE_CHECKING:\n    from .radio import x\nelse:\n    from .at import hints\n"
    found = {i.target for i in tree(errors=other).imports["errors"]}
    assert found == {"__init__", "at/__init__", "at/hints"}


def test_without_a_shut_door_a_profile_is_what_a_program_can_come_to(tree):
    profile = Profile(tree())
    assert profile.files == set(PACKAGE) - {"services", "at/cpython"}
    assert profile.lacks == {}


def test_a_shut_door_leaves_out_what_is_behind_it_alone(tree):
    profile = Profile(tree(), "spwf04.Context Radio.__init__ Radio.scan Radio.certs at/hints")
    assert profile.files == ALWAYS
    assert profile.lacks == {
        "spwf04.Context": {"tls/context"},
        "Radio.__init__": {"at/trace"},
        "Radio.scan": {"commands/scan"},
        "Radio.certs": {"tls/store"},
        "at/hints": {"at/hints"},
    }


def test_a_door_that_is_opened_all_the_same(tree):
    profile = Profile(tree(), "spwf04.Context Radio.*", "Radio.scan Radio.join")
    assert "commands/scan" in profile.files
    assert set(profile.lacks) == {"spwf04.Context", "Radio.__init__", "Radio.certs"}


def test_a_door_of_the_drivers_own_is_shut_by_its_full_name(tree):
    assert "at/resync" in Profile(tree(), "Radio.*").files
    profile = Profile(tree(), "Radio._resync")
    assert profile.lacks == {"Radio._resync": {"at/resync"}}


def test_what_happens_by_itself_cannot_be_shut_out(tree):
    profile = Profile(tree(), "* */*")
    assert profile.files == {"__init__"}
    profile = Profile(tree(), "Radio.* at/* commands/*", "Radio.join")
    assert {"at/resync", "commands/status", "commands/wait", "errors"} <= profile.files
    assert "at/hints" not in profile.files  # it is guarded


def test_an_import_that_leads_nowhere_or_names_nothing_is_an_error(tree):
    with pytest.raises(ValueError, match=r"errors.py imports gone"):
        tree(errors="from .gone import x\n")
    with pytest.raises(ValueError, match=r"errors.py:2 imports what it does not name"):
        tree(errors="def find(name):\n    return __import__(name, None, None, (), 1)\n")
    with pytest.raises(ValueError, match=r"errors.py:3 imports what it does not name"):
        tree(errors="from .at.task import once\ndef find(name):\n    return once(name, 'x')\n")


def test_mentions_are_attributes_that_are_read(tree):
    files = tree(errors="a.scan = b.scan(scan, c.other)\n")
    assert list(files.mentions({"scan"}, ["errors"])) == [("errors", 1, "b", "scan")]
