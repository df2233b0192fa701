"""provision."""

import contextlib
import os
import pathlib
from unittest import mock

from spwf04_cli import ports
from spwf04_sim import Timing, VirtualClock, worldfile
from tests.cli.transcripts import Desk, transcript
from tests.shims import fixed

PLAN = """\
[bench]
ports = ["/dev/ttyUSB*"]

[module]
firmware = "1.1.0"

[settings]
user_desc = "door-{serial}"
ip_use_httpd = 0

[network]
ssid = "bench"
password_env = "BENCH_PASSWORD"

[[host]]
name = "www.example.com"

[roots]
certifi = false
files = ["our-roots.pem"]

[[file]]
name = "1:/config.json"
path = "config.json"
"""
WORLD = """
[[access_point]]
ssid = "bench"
password = "correct horse"
[[module]]
count = 2
[[module]]
firmware = "1.0.0"
[[module]]
powered = false
"""
# the computer's speed decides how often a module is asked for news
_COMMANDS = (r"\d+ AT commands", "N AT commands")


@contextlib.contextmanager
def _bench():
    """Four modules at /dev/ttyUSB0 to 3, and what the plan names."""
    fixed.write_roots("our-roots.pem")
    pathlib.Path("plan.toml").write_text(PLAN)
    pathlib.Path("config.json").write_text('{"door": 7}\n')
    os.environ["BENCH_PASSWORD"] = "correct horse"
    with fixed.internet() as targets:
        pathlib.Path("world.toml").write_text(WORLD)
        made = worldfile.load("world.toml")
        for (host, port), target in targets.items():
            made.world.route(host, port, target)
        modules = {
            f"/dev/ttyUSB{n}": one.build(VirtualClock(longest=20, patience=5), Timing())
            for n, one in enumerate(made.modules)
        }
        found = mock.patch("spwf04_cli.ports.glob.glob", lambda pattern: list(modules))
        with mock.patch.dict(ports.STAND_INS, modules), found:
            yield


@transcript("provision")
def provision():
    with _bench():
        yield Desk(replace=[_COMMANDS])


@transcript("provision-mistake")
def mistake():
    with _bench():
        plan = pathlib.Path("plan.toml")
        text = PLAN.replace("user_desc", "user_desk").replace('_env = "BENCH_PASSWORD"', ' = "x"')
        plan.write_text(text)
        yield Desk()
