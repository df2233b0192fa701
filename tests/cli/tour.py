"""python -m tests.cli.tour: writes what the commands print into docs/tour.md.

Its blocks run one after the other, in this process and against one bench. What differs from run to
run (times, keys, the port and the path of the bench) is replaced by what stands on the page.
"""

import hashlib
import os
import re
import shlex
import sys
import tempfile
from unittest import mock

from tests.cli import spwf04
from tests.cli.benches import running
from tests.shims.micropython import ROOT

PAGE = ROOT / "docs" / "tour.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.S)
FOLDER, SERVER = "/tmp/spwf04-1000", "localhost:8443"
TYPED = {"spwf04 shell --port sim": "GCFG=nv_model\nSTS=ip_ipaddr\n"}

_FROM_RUN_TO_RUN = (
    (r"localhost:\d+", SERVER),
    (r"/dev/[\w/]+", "/dev/pts/3"),
    (r"2000-01-01 00:\d\d:\d\d", "2000-01-01 00:01:34"),
    (r"20[^0]\d-\d\d-\d\d \d\d:\d\d:\d\d", "2026-11-30 12:00:00"),
    (r"valid 20[^0]\d-\d\d-\d\d", "valid 2026-11-21"),
    (r"UTC, .*? this computer's", "UTC, as this computer's"),
    (r"\b4\d\d bytes, ", "418 bytes, "),
    (r"\b5\d\d bytes, ", "549 bytes, "),
    (r"\b\d+ bytes to the module, \d+ from it", "1290 bytes to the module, 1712 from it"),
    (r"from it, [\d.]+ s", "from it, 2.3 s"),
    (r"\b\d+ ms\b", "23 ms"),
    (r"\b\d+ bytes of its heap", "20123 bytes of its heap"),
)


def run(text):
    """The page with all its blocks as they are now."""
    keys = {}

    def known(found):
        """A key identifier that is the same in each run."""
        number = keys.setdefault(found[0], len(keys))
        return hashlib.sha1(b"%d" % number).hexdigest()

    def block(match):
        lines = []
        for line in match[1].splitlines():
            if line.startswith("$ "):
                lines += [line, *typed(line[2:])]
        return "```console\n" + "\n".join(lines) + "\n```"

    def typed(command):
        if command == "spwf04 sim":
            said = begin
        else:
            words = command.replace(FOLDER, folder).replace(SERVER, bench.server)
            typing = TYPED.get(command, "")
            said = spwf04(*shlex.split(words)[1:], stdin=typing, together=True).out
        said = said.replace(folder, FOLDER)
        for pattern, instead in _FROM_RUN_TO_RUN:
            said = re.sub(pattern, instead, said)
        said = re.sub(r"\b[0-9a-f]{40}\b", known, said)
        echo = TYPED.get(command, "").splitlines()
        return [line.rstrip() for line in said.strip("\n").splitlines() if line not in echo]

    # As long as the name on the page, so that lines break at the same places
    folder = tempfile.mkdtemp(prefix="sp-", dir="/tmp")
    begin = _begin(folder)
    with running(folder) as bench:
        return BLOCK.sub(block, text)


def _begin(folder):
    """What `spwf04 sim` shows before it waits for Ctrl-C."""
    at_once = mock.patch("spwf04_cli.commands.sim._ended", lambda: True)
    with mock.patch.dict(os.environ, {"SPWF04_BENCH": folder}), at_once:
        return spwf04("sim", together=True).out


if __name__ == "__main__":
    PAGE.write_text(run(PAGE.read_text()))
    print(f"{PAGE.relative_to(ROOT)} is written", file=sys.stderr)
