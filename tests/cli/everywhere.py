"""Every command, each with arguments that make it do something, for tests of where it prints to.

A new command needs a line in ARGUMENTS: tests/cli/test_consoles.py checks that it has one.
"""

import contextlib
from unittest import mock

from spwf04_cli import ports
from spwf04_sim.parts.fat import disk_image
from tests.cli import spwf04
from tests.shims.desk import loopback, simulated
from tests.shims.names import names
from tests.shims.posts import MailServer
from tests.shims.servers import servers

PORT = "/dev/ttyUSB0"
PASSWORD = "correct horse"
WORLD = """
ntp = true
[[access_point]]
ssid = "h\u00f6hle \u041c\u043e\u0441\u043a\u0432\u0430"
password = "correct horse"
[[module]]
name = "m"
"""
PLAN = """
[settings]
user_desc = "door-{serial}"
[network]
ssid = "home"
password_env = "BENCH_PASSWORD"
"""
LOG = """
> AT+S.SOCKON=www.example.com,443,NULL,www.example.com
< AT-S.Certificate Error:23
< AT-S.ERROR:74:Failed to open socket
> AT+S.GCFG
""" + "".join(f"< AT-S.Var:name_{n}=\u00fc\n" for n in range(20))

# path of names: (arguments, standard input); {} are names of the Desk
ARGUMENTS = {
    ("devs",): ([], ""),
    ("info",): (["--port", PORT], ""),
    ("scan",): (["--port", "sim:{world}"], ""),
    ("join",): (["home", "--password", PASSWORD, "--port", PORT], ""),
    ("ap",): (["door", "--password", PASSWORD, "--time", "0", "--port", PORT], ""),
    ("time",): (["--set", "--port", PORT], ""),
    ("ping",): (["www.example.com", "-c", "1", "--port", PORT], ""),
    ("mail",): (
        ["mail.example", "--from", "a@b.example", "--to", "c@d.example", "--subject", "\u00fc"]
        + ["--text", "\u00fc", "--port", PORT],
        "",
    ),
    ("ls",): (["--port", PORT], ""),
    ("get",): (["1:/here.txt", "-o", "{folder}/copy.txt", "-f", "--port", PORT], ""),
    ("put",): (["{world}", "1:/there.txt", "--port", PORT], ""),
    ("rm",): (["1:/here.txt", "--port", PORT], ""),
    ("image", "make"): (["{site}", "{folder}/site.img"], ""),
    ("image", "show"): (["{image}"], ""),
    ("image", "load"): (["{image}", "--address", "127.0.0.1", "--yes", "--port", PORT], ""),
    ("pin", "read"): (["5", "--port", PORT], ""),
    ("pin", "write"): (["4", "1", "--port", PORT], ""),
    ("pin", "watch"): (["5", "-c", "1", "--port", PORT], ""),
    ("pin", "adc"): (["--port", PORT], ""),
    ("doctor",): (["--port", PORT], ""),
    ("update",): (["http://updates.example/new.ota", "--yes", "--port", PORT], ""),
    ("check",): (["www.example.com", "mixed.example", "--roots", "{ca}"], ""),
    ("trust",): (["--pem", "{ca}", "--port", PORT], ""),
    ("ca", "list"): (["--port", PORT], ""),
    ("ca", "remove"): (["abcdef", "--port", PORT], ""),
    ("ca", "export"): (["abcdef", "--port", PORT], ""),
    ("bundle",): (["-o", "{folder}/roots.bin", "--ca", "{ca}", "www.example.com"], ""),
    ("provision",): (["{plan}", "--port", PORT], ""),
    ("sim",): (["{world}"], ""),
    ("shell",): (["--port", PORT], "help SOCKON\nGCFG=nv_model\nSTS\n"),
    ("trace",): (["{log}"], ""),
    ("probe",): (
        ["--yes", "--only", "boot_order", "--report", "{folder}/probe.json", "--port", PORT],
        "",
    ),
}


class Desk:
    """What the commands work on: a module at PORT, its network, servers, files in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.controller = simulated()
        self.names = {"folder": str(folder)}
        for name, text in (("world", WORLD), ("plan", PLAN), ("log", LOG)):
            file = folder / f"{name}.toml"
            file.write_text(text, encoding="utf-8")
            self.names[name] = str(file)
        site = folder / "site"
        site.mkdir()
        (site / "a.html").write_text("<p>")
        self.names["site"] = str(site)
        self.names["image"] = str(folder / "given.img")
        (folder / "given.img").write_bytes(disk_image({"h\u00f6he.html": b"<p>"}))
        made = servers()
        (folder / "ca.pem").write_bytes(made.ca.cert_pem.bytes() + made.rsa_ca.cert_pem.bytes())
        self.names["ca"] = str(folder / "ca.pem")

    def arguments(self, path):
        """The command line of a command as a list, and what is typed."""
        arguments, typed = ARGUMENTS[path]
        return [*path, *[a.format(**self.names) for a in arguments]], typed


@contextlib.contextmanager
def desk(folder):
    """A Desk until the block ends; its module is joined and has a file."""
    made = Desk(folder)
    with (
        names(dict(servers().targets)),
        mock.patch.dict(ports.STAND_INS, {PORT: made.controller.module}),
        mock.patch.dict("os.environ", {"BENCH_PASSWORD": PASSWORD}),
        mock.patch("spwf04_cli.commands.sim._ended", lambda: True),
        mock.patch(
            "spwf04_cli.provisioning.record.moment", lambda seconds=None: "2026-01-01T00:00:00Z"
        ),
    ):
        assert spwf04("join", "home", "--password", PASSWORD, "--port", PORT).code == 0
        made.controller.module.flash.files[1, "here.txt"] = bytearray(b"some text")
        made.controller.offer("good")
        made.controller.world.route("mail.example", 25, lambda: MailServer([]))
        loopback(made.controller.world)
        for n in range(2000):  # something to watch
            made.controller.drive(5, n % 2, n * 250)
        yield made
