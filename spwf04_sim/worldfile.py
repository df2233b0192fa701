"""World files, in TOML: what is around simulated modules, and which modules there are.

    world = load("bench.toml")          # FileError names every mistake with its line
    module = world.modules[0].build()   # a SimulatedModule in that world, switched on

examples/bench.toml shows every key with its meaning.
"""

import collections
import dataclasses
import datetime
import time

from .desk import options
from .desk.tomlfile import File, FileError, number, one_of, text, yes_or_no
from .module.module import SimulatedModule
from .parts.flash import CARD, VOLUMES, Flash
from .parts.quirks import Quirks
from .parts.tables import FIRMWARE
from .parts.timing import Timing
from .parts.variables import DEFAULTS, READ_ONLY, usable
from .texts import is_ipv4, is_number
from .world.world import SECURITY, World

__all__ = ["FileError", "ModuleFile", "WorldFile", "fresh", "load"]


@dataclasses.dataclass
class ModuleFile:
    """A module as the file describes it.

    flash: what it remembers of an earlier life. faults: [(name, options)]. timing: a Timing, or
    None if the file leaves it open. clock: what the module's own clock shows, seconds since 1970,
    or None for a module that has just got power.
    """

    name: str
    world: World
    variables: dict = dataclasses.field(default_factory=lambda: _identity(0))
    firmware: str = "171117-0328fe3"
    variant: str = "SA"
    powered: bool = True
    quirks: Quirks = dataclasses.field(default_factory=Quirks)
    faults: list = dataclasses.field(default_factory=list)
    timing: "Timing | None" = None
    flash: Flash = dataclasses.field(default_factory=Flash)
    clock: "int | None" = None

    def build(self, clock=None, timing=None):
        """Make the SimulatedModule. It is switched on unless the file says powered = false.

        clock: RealClock (default) or VirtualClock. timing: the Timing if the file has none.
        """
        flash = dataclasses.replace(
            self.flash,
            saved=dict(self.flash.saved),
            slot=dict(self.flash.slot),
            files={},
            changed={},
            eap=dict(self.flash.eap),
        )
        flash.files = {key: bytearray(data) for key, data in self.flash.files.items()}
        module = SimulatedModule(
            self.world,
            quirks=self.quirks,
            clock=clock,
            timing=dataclasses.replace(self.timing or timing or Timing(baud=115200)),
            flash=flash,
            variant=self.variant,
            firmware=self.firmware,
            variables=self.variables,
        )
        for name, found in self.faults:
            module.faults.add(name, **found)
        if self.powered:
            module.power_on()
            if self.clock is not None:
                module.set_clock(self.clock)
        return module


@dataclasses.dataclass
class WorldFile:
    """A World and the modules in it: a list of ModuleFile, never empty."""

    world: World
    modules: list


def fresh(world=None, count=1):
    """Make a WorldFile without a file, with `count` factory-fresh modules in this world.

    world: a World; None: one without networks.
    """
    world = world or World()
    names = ["module"] if count == 1 else [f"module-{n + 1}" for n in range(count)]
    modules = [ModuleFile(name, world, _identity(n)) for n, name in enumerate(names)]
    return WorldFile(world, modules)


def load(path):
    """Read a world file, whose name is path; return a WorldFile.

    FileError: all mistakes, with their lines; it is a ValueError.
    """
    file = File(path)
    root = file.root
    world = World()
    for point in root.tables("access_point"):
        _access_point(world, point)
    for guest in root.tables("station"):
        _station(world, guest)
    root.table("hosts").pairs(lambda name, ip: world.add_host(name, _ip(ip)))
    root.table("routes").pairs(lambda name, target: world.route(*_route(name, target)))
    world.ntp = root.take("ntp", _moment, None)
    common = _common(root, ModuleFile("module", world))
    modules = []
    for table in root.tables("module"):
        modules += _modules(table, common, len(modules))
    root.end()
    names = collections.Counter(m.name for m in modules)
    for name in [n for n in names if names[n] > 1]:
        root.wrong("module", f"two modules are called {name}: give each a name of its own")
    file.check()
    return WorldFile(world, modules or [common])


def _ip(value):
    if not isinstance(value, str) or not is_ipv4(value):
        raise ValueError("must be an IPv4 address in quotation marks")
    return value


def _route(name, target):
    if not isinstance(target, (str, int)) or isinstance(target, bool):
        raise ValueError("leads to IP:PORT, to PORT on this computer, or to echo")
    return (*options.host_and_port(name), options.route_target(str(target)))


def _moment(value):
    """Convert true (now) or a date to seconds since 1970, and false to None."""
    if isinstance(value, bool):
        return int(time.time()) if value else None
    if not isinstance(value, datetime.datetime) or value.tzinfo is None:
        raise ValueError("must be true, false, or a date with its zone: 2026-01-31T12:00:00Z")
    return int(value.timestamp())


def _access_point(world, table):
    def lease(value):
        return None if value is False else _ip(value)

    ssid = _ssid(table)
    password = table.take("password", text(0, 64), "", secret=True)
    file = table.file
    take = {
        "security": one_of(*SECURITY),
        "bssid": _mac,
        "channel": number(1, 14),
        "rssi": number(-120, 0),
        "lease": lease,
        "gateway": _ip,
        "netmask": _ip,
        "dns": _ip,
        "dns2": _ip,
        "hidden": yes_or_no,
        "mute": yes_or_no,
        "ibss": yes_or_no,
        "wep_index": number(0, 3),
        "shared_auth": yes_or_no,
        "wps": yes_or_no,
        "wps_pin": _pin,
        "ca": file.bytes_of,
        "client_ca": file.bytes_of,
    }
    found = {key: table.take(key, convert, None) for key, convert in take.items()}
    more = {key: value for key, value in found.items() if key in table}
    if "admits" in table:
        more["admits"] = set(table.each("admits", _mac))
    if "eap_types" in table:
        more["eap_types"] = tuple(table.each("eap_types", number(0, 4)))
    users = dict(table.table("users").pairs(_user))
    if users:
        more.setdefault("security", "WPA2-Enterprise")
    _judge(table, more, password, users)
    table.end()
    if ssid is not None:
        world.add_access_point(ssid, password or None, users=users, **more)


def _judge(table, more, password, users):
    """Note what does not go together in the table of an access point."""
    if "security" in more and more["security"] is None:
        return  # it is wrong, and that is told
    security = more.get("security") or "open"
    if users and security != "WPA2-Enterprise":
        table.wrong("users", "only a WPA2-Enterprise network has users")
    if password and "security" in more and security in ("open", "WPA2-Enterprise"):
        kind = "an open" if security == "open" else "a WPA2-Enterprise"
        table.wrong("security", f"{kind} network has no password")
    if security not in ("open", "WPA2-Enterprise") and not password:
        table.wrong("security", f"{security} needs a password")
    length = len((password or "").encode())
    if security == "WEP" and length not in (0, 5, 10, 13, 26):
        table.wrong("password", "a WEP key has 5 or 13 bytes, or as many pairs of hex digits")
    elif length and security != "WEP" and not 8 <= length <= 64:
        table.wrong("password", "must be 8 to 63 bytes, or 64 hexadecimal digits")


def _ssid(table):
    """The name of a network, bytes: ssid, or ssid_hex for a name that is no text."""
    if "ssid_hex" in table:
        return table.take("ssid_hex", _hex, None)
    name = table.take("ssid", text(1, 32))
    return name.encode() if name else None


def _hex(value):
    try:
        data = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if not 0 < len(data) <= 32:
        raise ValueError("must be 1 to 32 bytes as hexadecimal digits in quotation marks")
    return data


def _pin(value):
    if not isinstance(value, str) or len(value) != 8 or not is_number(value):
        raise ValueError("must be 8 digits in quotation marks")
    return value


def _user(name, value):
    if not isinstance(value, str):
        raise ValueError("must be a password, as text")
    return name.encode(), value.encode()


def _station(world, table):
    mac = table.take("mac", _mac)
    ssid = _ssid(table)
    password = table.take("password", text(0, 64), "", secret=True)
    more = {
        "ip": table.take("ip", _ip, None),
        "quiet": table.take("quiet", yes_or_no, False),
        "rssi": table.take("rssi", number(-120, 0), -50),
    }
    table.end()
    if mac and ssid:
        world.add_guest(mac, ssid, password or None, **more)


def _mac(value):
    parts = value.split(":") if isinstance(value, str) else ()
    try:
        if len(parts) == 6 and all(len(p) == 2 for p in parts):
            return bytes(int(p, 16) for p in parts).hex(":").upper()
    except ValueError:
        pass
    raise ValueError("must be six pairs of hexadecimal digits, 00:80:E1:BD:00:39")


# modules -------------------------------------------------------------------------------------
def _common(table, base):
    """Read the keys that stand at the top for all modules, and in a [[module]] for that one."""
    like = table.take("like", lambda name: _like(table.file, name), base.quirks)
    quirks = dict(table.table("quirks").pairs(lambda n, v: (n, options.quirk_value(n, v))))
    faults = table.each("faults", _fault)
    timing = table.table("timing")
    return dataclasses.replace(
        base,
        quirks=dataclasses.replace(like or base.quirks, **quirks),
        faults=base.faults + faults,
        timing=_timing(timing, base.timing) if "timing" in table else base.timing,
    )


def _like(file, name):
    """The Quirks in a report of `spwf04 probe` that a world file names."""
    if not isinstance(name, str) or not name:
        raise ValueError("the name of a report of spwf04 probe, as text")
    return options.like(file.folder / name)


def _fault(value):
    if not isinstance(value, str):
        raise ValueError('must be text: "NAME,OPTION=VALUE"')
    return options.fault(value)


def _timing(table, base):
    fast = table.take("fast", yes_or_no, False)
    made = Timing.fast() if fast else base or Timing(baud=115200)
    found = {}
    for name in [f.name for f in dataclasses.fields(Timing)]:
        limits = (9600, 921600) if name == "baud" else (0, 3_600_000, (int, float))
        value = table.take(name, number(*limits), None)
        if name in table:
            found[name] = value
    table.end()
    return dataclasses.replace(made, **found)


def _firmware(value):
    """Convert a build, or a version (of which the last build is taken), to a build."""
    versions = {version: build for build, version in FIRMWARE.items()}
    known = {**versions, **{build: build for build in FIRMWARE}}
    return known[one_of(*known)(value)]


def _serial(value):
    value = text(1, 32)(value)
    if not value.isalnum() or not value.isascii():
        raise ValueError("must be letters and digits")
    return value


def _modules(table, common, before):
    """Make the ModuleFiles of a [[module]]: `count` of them."""
    count = table.take("count", number(1, 100_000), 1)
    name = table.take("name", text(1, 40), f"module-{before + 1}")
    serial = table.take("serial", _serial, None)
    mac = table.take("mac", _mac, None)
    if serial and count > 1 and not is_number(serial):
        table.wrong("serial", "must be digits where count is more than 1: they are counted up")
        serial = None
    base = dataclasses.replace(
        _common(table, common),
        firmware=table.take("firmware", _firmware, common.firmware),
        variant=table.take("variant", one_of("SA", "SC"), "SA"),
        powered=table.take("powered", yes_or_no, True),
        clock=table.take("clock", _moment, None),
        flash=_flash(table),
    )
    table.end()
    made = []
    for n in range(count):
        variables = _identity(before + n)
        if serial:
            variables["nv_serial"] = _counted(serial, n)
        if mac:
            variables.update(_addresses(mac, n))
        own = name if count == 1 else f"{name}-{n + 1}"
        made.append(dataclasses.replace(base, name=own, variables=variables))
    return made


def _identity(n):
    """Return the variables of the n-th module that are its own: serial number, addresses."""
    serial = _counted(DEFAULTS["nv_serial"], n)
    return {"nv_serial": serial, **_addresses(DEFAULTS["nv_wifi_macaddr"], n)}


def _counted(serial, n):
    return str(int(serial) + n).rjust(len(serial), "0") if n else serial


def _addresses(mac, n):
    number = (int(mac.replace(":", ""), 16) + n) % (1 << 48)
    mac = number.to_bytes(6, "big").hex(":").upper()
    return {"nv_wifi_macaddr": mac, "ip_hostname": "iwm-" + mac[9:].replace(":", "-")}


def _flash(table):
    def saved(name, value):
        if name not in DEFAULTS or name in READ_ONLY:
            raise ValueError("no variable that can be saved")
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValueError("must be text or a whole number")
        return name, usable(name, text(0, 400)(str(value)))

    file = table.file
    slot = {}
    for what in ("ca", "cert", "key"):
        if what in table:
            slot[what] = table.take(what, file.bytes_of, b"")
    eap = {}
    for what in ("ca", "cert", "key"):
        if "eap_" + what in table:
            eap[what] = table.take("eap_" + what, file.bytes_of, b"")
    files = dict(table.table("files").pairs(lambda n, v: (_place(n), _content(file, v))))
    return Flash(
        saved=dict(table.table("saved").pairs(saved)),
        slot=slot,
        eap=eap,
        files=files,
        sd_card=table.take("sd_card", yes_or_no, any(volume == CARD for volume, _ in files)),
        radio_off=not table.take("radio", yes_or_no, True),
    )


def _place(name):
    place = Flash().locate(name, 1)
    if place is None or place[0] not in VOLUMES or VOLUMES[place[0]][0] == "D":
        lasting = [w for n, (letter, _) in VOLUMES.items() if letter != "D" for w in (n, letter)]
        raise ValueError(
            f"must be [VOLUME:/]NAME, VOLUME one of {', '.join(map(str, lasting))} (what is in "
            "the RAM disk, 2 or D, is gone when the module is switched on)"
        )
    return place


def _content(file, value):
    if isinstance(value, dict) and set(value) == {"text"} and isinstance(value["text"], str):
        return bytearray(value["text"].encode())
    if isinstance(value, dict) and set(value) == {"path"}:
        return bytearray(file.bytes_of(value["path"]))
    raise ValueError('must be { text = "…" } or { path = "a file beside this one" }')
