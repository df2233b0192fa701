"""Benches of simulated modules: for tests of provision, and the one that `spwf04 sim` runs."""

import contextlib
import csv
import json
import os
import queue
import re
import threading
from unittest import mock

from cryptography.hazmat.primitives.serialization import Encoding

from spwf04_cli import ports
from spwf04_cli.simulated import bench
from spwf04_sim import Timing, VirtualClock, worldfile
from tests.cli import spwf04
from tests.shims.servers import servers

PASSWORD = "correct horse"
WORLD = f"""
[[access_point]]
ssid = "bench"
password = "{PASSWORD}"
"""
PLAN = """
[module]
firmware = "1.1.0"
[settings]
user_desc = "door-{serial}"
ip_use_httpd = 0
[network]
ssid = "bench"
password_env = "BENCH_PASSWORD"
[roots]
certifi = false
files = ["ca.pem", "other-ca.pem", "rsa-ca.pem"]
[[host]]
name = "www.example.com"
[[file]]
name = "1:/page.html"
path = "page.html"
"""


@contextlib.contextmanager
def running(folder, world=None):
    """What `spwf04 sim` runs, in this process, with its note in a folder, until the block ends;
    the block gets the simulated.bench.Bench."""
    ready, over = queue.Queue(), threading.Event()

    def run():
        try:
            bench.run(ready.put, world, None, Timing.fast(), over.is_set, port=0)
        except BaseException as e:
            ready.put(e)
            raise

    with mock.patch.dict(os.environ, {"SPWF04_BENCH": str(folder)}):
        thread = threading.Thread(target=run)
        thread.start()
        try:
            made = ready.get()
            if isinstance(made, BaseException):
                raise made
            yield made
        finally:
            over.set()
            thread.join()


class Bench:
    """folder: where the plan is. modules: {port: SimulatedModule}."""

    def __init__(self, folder, modules="[[module]]\n", plan=PLAN, world=WORLD):
        self.folder = folder
        made = servers()
        for ca, name in ((made.ca, "ca"), (made.other_ca, "other-ca"), (made.rsa_ca, "rsa-ca")):
            (folder / f"{name}.pem").write_bytes(ca.cert_pem.bytes())
        (folder / "page.html").write_text("<p>A page")
        self.plan(plan)
        routes = "".join(
            f'"{host}:{port}" = "{ip}:{real}"\n'
            for (host, port), (ip, real) in made.targets.items()
        )
        (folder / "world.toml").write_text(f"ntp = true\n{world}[routes]\n{routes}{modules}")
        self.described = worldfile.load(folder / "world.toml").modules
        self.modules = {
            f"port-{n + 1}": m.build(VirtualClock(longest=20, patience=5), Timing())
            for n, m in enumerate(self.described)
        }

    def plan(self, text):
        """Write the plan."""
        (self.folder / "plan.toml").write_text(text)

    def run(self, *arguments, stdin=""):
        """Run `spwf04 provision plan.toml` with all modules at their ports."""
        named = [word for name in self.modules for word in ("--port", name)]
        with mock.patch.dict(ports.STAND_INS, self.modules):
            return spwf04(
                "provision", str(self.folder / "plan.toml"), *named, *arguments, stdin=stdin
            )

    @property
    def module(self):
        """The first module."""
        return next(iter(self.modules.values()))

    def report(self):
        """The report of the last run."""
        return json.loads((self.folder / "plan-report.json").read_text())

    def told(self, port="port-1"):
        """What the report tells of the module at a port."""
        (found,) = [m for m in self.report()["modules"] if m["port"] == port]
        return found

    def rows(self):
        """The rows of the CSV report, as dictionaries."""
        with open(self.folder / "plan-report.csv", newline="") as file:
            return list(csv.DictReader(file))


def der(ca):
    """The certificate of a trustme CA in DER."""
    from cryptography import x509

    return x509.load_pem_x509_certificate(ca.cert_pem.bytes()).public_bytes(Encoding.DER)


def says(printed, text):
    """True if text was printed. Line breaks and frames do not count."""

    def bare(words):
        return re.sub(r"[│╭╮╰╯─\s]+", "", words)

    return bare(text) in bare(printed)
