"""A plan: what each module on a bench shall have, in TOML. It is read and checked before any
module is touched.

    plan = load("plan.toml")            # PlanError names every mistake with its line
    plan.ask(os.environ, prompt)        # the password, which does not stand in it

examples/plan.toml shows every key with its meaning.
"""

import difflib
import hashlib
import json
import pathlib
import re
import string
from dataclasses import dataclass, field

from spwf04.arguments import argument, server_name
from spwf04.at.secret import secret_variable
from spwf04_sim.desk.tomlfile import File, number, one_of, text, yes_or_no
from spwf04_sim.desk.tomlfile import FileError as PlanError
from spwf04_sim.parts.variables import DEFAULTS, READ_ONLY

from .. import steps
from ..server.roots import Roots, file_certificates

__all__ = ["FileOf", "Host", "Network", "Plan", "PlanError", "load"]

# What of its module a value or a file's path may name
PLACES = ("serial", "mac", "tail")
_NETWORK = ("wifi_ssid", "wifi_ssid_len", "wifi_mode", "wifi_auth_type", "wifi_priv_mode")
_VOLUMES = "013"
# The module's own servers, through which anybody in its network can configure it: off, unless the
# plan says otherwise
SERVERS = {"ip_use_httpd": "0", "ip_use_tftpd": "0"}
_FACTORY_KEY = "anonymous"  # [j.1]


@dataclass
class Network:
    """The network to join. keep: it is saved on the module, with its password."""

    ssid: str
    env: "str | None" = None
    prompt: bool = False
    keep: bool = False
    password: "str | None" = field(default=None, repr=False)


@dataclass(frozen=True)
class Host:
    """A server that each module shall verify. name: the one that its certificate must have."""

    host: str
    port: int
    name: str

    def __str__(self):
        return f"{self.host}:{self.port}"


@dataclass
class FileOf:
    """A file that each module shall have. path: on this computer; it may hold PLACES."""

    name: str
    path: str
    folder: pathlib.Path

    def content(self, places):
        """The file's bytes for one module. OSError."""
        return (self.folder / self.path.format(**places)).read_bytes()


@dataclass
class Plan:
    """A plan; examples/plan.toml shows every key. firmware: the lowest version that will do, a
    tuple of int. clock: "pc", "ntp" or None. implied: names of settings that it does not name
    itself, see SERVERS. roots: of root_files and certifi. install: DER of
    CAs for every module. self_signed: certificates that sign themselves are among them, though
    they do not say that they are CAs'. digest: of all that concerns the modules, without
    secrets."""

    path: str
    ports: list = field(default_factory=list)
    jobs: int = 8
    baud: int = 115200
    report: "str | None" = None
    state: "str | None" = None
    firmware: tuple = ()
    clock: "str | None" = "pc"
    settings: dict = field(default_factory=dict)
    implied: tuple = ()
    network: "Network | None" = None
    hosts: list = field(default_factory=list)
    roots: "Roots | None" = None
    root_files: list = field(default_factory=list)
    certifi: bool = True
    install: list = field(default_factory=list)
    self_signed: bool = False
    files: list = field(default_factory=list)
    digest: str = ""

    def check_command(self, host):
        """The command line that says more of a Host, with the plan's roots."""
        return steps.command(
            "check",
            [str(host)],
            name=host.name if host.name != host.host else None,
            roots=self.root_files,
            no_certifi=not self.certifi,
        )

    def wanted(self, places):
        """{variable: value} for one module."""
        return {name: value.format(**places) for name, value in self.settings.items()}

    def ask(self, environ, prompt):
        """Take the network's password from environ, or from prompt(network's name). PlanError."""
        network = self.network
        if network is None or not (network.env or network.prompt):
            return
        if network.env:
            password, source = environ.get(network.env), "network, password_env"
            if password is None:
                raise PlanError(
                    [f"{self.path}: {source}: there is no environment variable of that name"]
                )
        else:
            password, source = prompt(network.ssid) or "", "the password"
        try:
            _password(password)
        except ValueError as e:
            raise PlanError([f"{self.path}: {source}: {e}"]) from None
        network.password = password


def _password(value):
    if not 8 <= len(argument(value, "a password", 64)) <= 64:
        raise ValueError("a password has 8 to 63 characters, or 64 hexadecimal digits")


def places(serial, mac):
    """{place: what it stands for} of one module."""
    return {"serial": serial, "mac": mac.replace(":", ""), "tail": mac[9:].replace(":", "-")}


def load(path, roots=()):
    """Read a plan. PlanError (a ValueError) names its mistakes.

    roots: files with CAs that are trusted too, as the option --roots names them.
    """
    file = File(path)
    root = file.root
    plan = Plan(file.name)
    _bench(root.table("bench"), plan)
    servers = _module(root.table("module"), plan)
    plan.settings = dict(root.table("settings").pairs(_setting))
    plan.settings.update(root.table("other_settings").pairs(_other_setting))
    _servers(root, plan, servers)
    network = root.table("network")
    if "network" in root:
        plan.network = _network(network)
    plan.hosts = [h for h in map(_host, root.tables("host")) if h is not None]
    _roots(root.table("roots"), plan, "roots" in root, [str(file) for file in roots])
    plan.files = [f for f in (_file(t) for t in root.tables("file")) if f is not None]
    root.end()
    if plan.hosts and "network" not in root:
        root.wrong("host", "a server can only be reached with a [network]")
    if plan.hosts and plan.clock is None:
        root.wrong("module", "clock = false: [[host]] needs it, because certificates have dates")
    for name in {f.name for f in plan.files if [g.name for g in plan.files].count(f.name) > 1}:
        root.wrong("file", f"{name} is there twice")
    file.check()
    plan.digest = _digest(plan)
    return plan


def _bench(table, plan):
    plan.ports = table.each("ports", text(1, 200))
    plan.jobs = table.take("jobs", number(1, 64), plan.jobs)
    plan.baud = table.take("baud", number(9600, 921600), plan.baud)
    plan.report = table.take("report", text(1, 400), None)
    plan.state = table.take("state", text(1, 400), None)
    table.end()


def _module(table, plan):
    plan.firmware = table.take("firmware", _version, ())
    clock = table.take("clock", one_of("pc", "ntp", False), "pc")
    plan.clock = clock or None
    servers = table.take("servers", one_of("off", "unchanged"), "off")
    table.end()
    return servers


def _servers(root, plan, servers):
    """The safe default for the module's own servers. A plan that wants the web server has to bring
    a Key, which is user_desc."""
    settings = plan.settings
    if settings.get("ip_use_httpd", "0") != "0":
        if settings.get("user_desc", _FACTORY_KEY).lower() == _FACTORY_KEY:
            root.wrong(
                "settings",
                "ip_use_httpd = 1 lets everybody in the network configure the module: its Key is "
                "user_desc, which needs a value of your own",
            )
    if servers == "off":
        plan.implied = tuple(name for name in SERVERS if name not in settings)
        settings.update({name: SERVERS[name] for name in plan.implied})


def _version(value):
    if not isinstance(value, str) or not re.fullmatch(r"\d+(\.\d+){0,3}", value):
        raise ValueError('must be a version in quotation marks, "1.1.0"')
    return version(value)


def version(value):
    """A version as a tuple of int; () if the text is no version."""
    parts = value.split(".")
    return tuple(map(int, parts)) if all(p.isdecimal() for p in parts) else ()


def _setting(name, value):
    if name in READ_ONLY:
        raise ValueError("cannot be changed on this module")
    if name in _NETWORK:
        raise ValueError("this belongs to [network]")
    if name not in DEFAULTS and not _is_secret(name):
        close = difflib.get_close_matches(name, DEFAULTS, 2)
        raise ValueError(
            "no variable of that name is known"
            + (f"; do you mean {' or '.join(close)}?" if close else ".")
            + " AT+S.GCFG lists the variables of a module; those that are not known here stand in "
            "[other_settings]"
        )
    return _other_setting(name, value)


def _other_setting(name, value):
    if _is_secret(name):
        raise ValueError("a plan holds no secret; a WPA password belongs to [network]")
    if name.startswith("console_"):
        raise ValueError("this would change the UART that the bench uses")
    if not re.fullmatch(r"[A-Za-z0-9_]+(\[\d\])?", name):
        raise ValueError("the name of a variable has letters, digits and _")
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("must be text or a whole number (0 and 1 for no and yes)")
    value = _with_places(str(value))
    argument(value, "the value", 400)
    return name, value


def _is_secret(name):
    """True for variables that no plan may hold. user_desc may stand in a plan, as a description of
    the module; then it is no secret, and is shown."""
    return name != "user_desc" and secret_variable(name.encode("utf-8", "surrogateescape"))


def _with_places(value):
    """Text that may name {serial} and the like; ValueError for other braces."""
    try:
        fields = [(name, spec, how) for _, name, spec, how in string.Formatter().parse(value)]
    except ValueError:
        raise ValueError("single { or }: write {{ or }}") from None
    for name, spec, how in fields:
        if name is not None and (name not in PLACES or spec or how):
            raise ValueError(f"{{{name}}}: there are {{{'}, {'.join(PLACES)}}}")
    return value


def _network(table):
    if "password" in table:
        table.take("password", lambda value: value, None)
        table.wrong(
            "password",
            'a plan holds no password: password_env = "NAME" takes it from the environment, '
            "password_prompt = true asks for it",
        )
    made = Network(
        table.take("ssid", text(1, 32)) or "",
        table.take("password_env", text(1, 100), None, secret=True),
        table.take("password_prompt", yes_or_no, False),
        table.take("keep", yes_or_no, False),
    )
    if made.env and made.prompt:
        table.wrong("password_prompt", "take either this or password_env")
    table.end()
    return made


def _host(table):
    def host(value):
        return server_name(text(1, 255)(value)).decode()

    name = table.take("name", host)
    port = table.take("port", number(1, 65535), 443)
    server = table.take("server_hostname", host, name)
    table.end()
    return Host(name, port, server) if name and port and server else None


def _roots(table, plan, given, more):
    own = table.take("self_signed", yes_or_no, False)

    def authorities(name):
        path = str(table.file.folder / text(1, 400)(name))
        try:
            file_certificates(path, own)
        except ValueError as e:
            words = str(e).removeprefix(f"{path}: ")
            raise ValueError(words.replace("--self-signed", "self_signed = true")) from None
        return path

    files = table.each("files", _told(authorities))
    install = table.each("install", _told(authorities))
    certifi = table.take("certifi", yes_or_no, True)
    table.end()
    if plan.hosts and not (certifi or files or install or more):
        table.wrong(None, "no roots for the hosts: certifi = true, or files = [...]")
    elif plan.hosts or given:
        plan.roots = _trusted([*files, *install], more, certifi, own)
        plan.root_files, plan.certifi = [*files, *install, *more], certifi
    plan.self_signed = own
    plan.install = list(dict.fromkeys(d for path in install for d in file_certificates(path, own)))


def _trusted(files, more, certifi, own):
    """The Roots of a plan. more: files of --roots."""
    try:
        return Roots([*files, *more], certifi, own)
    except ValueError as e:  # of the plan's own files, each is checked already
        raise PlanError([f"--roots: {e}"]) from None


def _told(function):
    """function(value), whose OSError of a file becomes the ValueError that a table expects."""

    def convert(value):
        try:
            return function(value)
        except OSError as e:
            raise ValueError(f"{e.filename}: {e.strerror}") from None

    return convert


def _file(table):
    def module_name(value):
        value = text(4, 180)(value)
        if value[0] not in _VOLUMES or value[1:3] != ":/" or set(value[3:]) & set(":/,"):
            raise ValueError(
                "must be VOLUME:/NAME with volume 1 (flash), 3 (application) or 0 (SD card); the "
                "RAM disk, 2, loses its files at a restart"
            )
        return value

    def readable(value):
        _with_places(text(1, 400)(value))
        if "{" not in value and not table.file.bytes_of(value):
            raise ValueError("the file is empty, and the module takes no empty file")
        return value

    name = table.take("name", module_name)
    path = table.take("path", readable)
    table.end()
    return FileOf(name, path, table.file.folder) if name and path else None


def _digest(plan):
    """Hexadecimal digits; the same for two plans that want the same of a module."""
    network = plan.network
    asked = {
        "firmware": plan.firmware,
        "clock": plan.clock,
        "settings": plan.settings,
        "network": network and [network.ssid, network.keep, bool(network.env or network.prompt)],
        "hosts": [[h.host, h.port, h.name] for h in plan.hosts],
        "install": [hashlib.sha256(der).hexdigest() for der in plan.install],
        "files": [[f.name, _content_digest(f)] for f in plan.files],
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _content_digest(file):
    if "{" in file.path:  # a file for each module
        return file.path
    return hashlib.sha256(file.content({})).hexdigest()
