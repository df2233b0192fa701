"""What can go wrong with a module and its line, by name.

    module.faults.add("drop", way="<", at=120)  # the byte after the next 120 to the host is lost
    module.faults.add("restart", way=">", at=3)  # it restarts after 3 more bytes from the host
    module.faults.add("refuse", command="SOCKC", number=77)  # every time
    module.faults.random(seed=7, every=2000)  # one of RANDOM about every 2000 bytes

FAULTS has all names. `module.faults.happened` lists what has happened.
"""

import random
from dataclasses import dataclass, field

# {name: (what happens, {option: default})}
FAULTS = {
    # Of the line: at a byte of one way, counted from now: ">" from the host, "<" to it
    "drop": ("n bytes get lost", {"n": 1}),
    "flip": ("a bit of a byte is changed", {"bit": 0}),
    "double": ("n bytes arrive twice", {"n": 1}),
    "noise": ("bytes that nobody sent", {"data": b"\xff"}),
    "delay": ("the rest arrives ms later", {"ms": 700}),
    "indication": ("an indication at the next line boundary", {"text": "+WIND:14:BSS Regained"}),
    "indication_anywhere": (
        "an indication in the middle of a line",
        {"text": "+WIND:14:BSS Regained"},
    ),
    "unplugged": ("both lines are cut for ms", {"ms": 3000}),
    # Of the module: at a byte, likewise
    "restart": ("it restarts", {}),
    "hardfault": ("it restarts after a hard fault, WIND 8", {}),
    "watchdog": ("it is restarted by its watchdog, WIND 6", {}),
    "factory": ("it restarts, and its configuration is lost, WIND 65", {}),
    "silent_restart": ("it restarts, and its indications do not arrive", {}),
    "radio_lost": ("the network is lost, and joined again after ms", {"ms": 400}),
    "peer_closes": ("all peers close; what they sent before still waits", {}),
    "wedged": ("it answers nothing more until it is reset by its pin", {}),
    # Of what it says: the next `times` times (None: every time)
    "wind55_missing": ("WIND 55 is not sent", {"times": None}),
    "wind55_late": ("WIND 55 comes ms late", {"ms": 300, "times": None}),
    "wind55_stale": ("WIND 55 comes again ms later", {"ms": 300, "times": None}),
    "wind55_wrong": ("WIND 55 has wrong numbers", {"by": 700, "times": None}),
    "wind58_missing": ("WIND 58 is not sent", {"times": None}),
    "late": ("a command's last line comes ms late", {"command": "", "ms": 20000, "times": 1}),
    "refuse": ("a command gets an error", {"command": "", "number": 1, "times": None}),
    "hang": ("a command never ends, until a reset", {"command": "", "times": 1}),
    # Situations that have a name of their own
    "pending_for_ever": ("SOCKC gets error 77", {"times": None}),  # [k.4]
    "dns_refused": ("no name is resolved: error 65", {"times": None}),
    "dns_slow": ("names take ms", {"ms": 15000}),
    "sockets_full": ("SOCKON gets error 75", {"times": None}),
    "sockets_hang": ("SOCKON hangs", {"times": 1}),  # [T20]
    "write_refused": (
        "SOCKW gets error 78, its payload is taken as commands",
        {"times": 1},
    ),  # [g.4]
    "file_not_opened": ("FSC and FSP get error 51", {"times": None}),  # [T10]
    "file_not_deleted": ("FSD gets error 56", {"times": None}),  # [T10]
    "disk_full": ("the file system is full", {}),
    "reset_blocked": ("AT+S.RESET ends in silence: the host drives the RESET line", {}),  # [T12]
    "update_rejected": ("a new firmware is refused at the boot: the old one starts", {}),  # [T12]
}
LINE = tuple("drop flip double noise delay indication indication_anywhere".split())
EVENTS = tuple("restart hardfault watchdog factory silent_restart radio_lost peer_closes".split())
RANDOM = ("drop", "double", "noise", "delay", "indication", "indication_anywhere", *EVENTS)
_AT_A_BYTE = {*LINE, *EVENTS, "unplugged", "wedged"}
_SITUATIONS = {  # name: (fault, commands, number)
    "pending_for_ever": ("refuse", "SOCKC", 77),
    "dns_refused": ("refuse", "SOCKON", 65),
    "sockets_full": ("refuse", "SOCKON", 75),
    "sockets_hang": ("hang", "SOCKON", 0),
    "write_refused": ("refuse", "SOCKW", 78),
    "file_not_opened": ("refuse", "FSC FSP", 51),
    "file_not_deleted": ("refuse", "FSD", 56),
}


# What becomes of the bytes from the one on where a fault of the line happens
_CHANGES = {
    "drop": lambda data, n: data[n:],
    "flip": lambda data, bit: bytes((data[0] ^ 1 << bit,)) + data[1:],
    "double": lambda data, n: data[:n] + data,
    "noise": lambda rest, data: data + rest,
    "indication_anywhere": lambda data, text: text.encode() + b"\r\n" + data,
}


@dataclass
class Fault:
    """A fault that was added. at: the byte at which it happens, counted from the beginning."""

    name: str
    way: str = "<"
    at: int = 0
    options: dict = field(default_factory=dict)


class Faults:
    """The faults of a SimulatedModule. happened: a list of (name, way, byte)."""

    def __init__(self, module):
        self._module = module
        self.happened = []
        self._passed = {">": 0, "<": 0}
        self.clear()

    def add(self, name, *, way="<", at=0, **options):
        """Add a fault and return it.

        name, options: of FAULTS, which says what each is. way, at: for faults that happen at a
        byte: "<" to the host, ">" from it, and how many bytes pass before.
        """
        if name not in FAULTS:
            raise ValueError(f"no fault {name}; there are: {', '.join(FAULTS)}")
        known = FAULTS[name][1]
        for option in options:
            if option not in known:
                raise ValueError(f"{name} has no {option}, but: {', '.join(known) or 'nothing'}")
        if way not in "<>" or at < 0:
            raise ValueError('way is "<" or ">", at is not negative')
        options = {**known, **options}
        fault = Fault(name, way, self._passed[way] + at, options)
        if name in _AT_A_BYTE:
            self._due.append(fault)
        elif name in _SITUATIONS:
            kind, options["command"], options["number"] = _SITUATIONS[name]
            self._standing.append(Fault(kind, options=options))
        elif name == "dns_slow":
            self._module.timing.dns = options["ms"]
        elif name == "disk_full":
            self._module.flash.fill()
        else:
            self._standing.append(fault)
        return fault

    def random(self, seed, every=5000, names=RANDOM):
        """Have one of `names` happen about every so many bytes; the same for the same seed."""
        self._chance = random.Random(seed)
        self._every = every
        self._names = tuple(names)
        self._schedule()

    def clear(self):
        """Remove all faults."""
        self._due = []
        self._standing = []
        self._chance = None
        self._every = 0
        self._names = ()
        self._boundary = []
        self._winds_lost = False

    def _schedule(self):
        chance = self._chance
        name = chance.choice(self._names)
        way = chance.choice("<>") if not name.startswith("indication") else "<"
        at = self._passed[way] + int(chance.expovariate(1 / self._every)) + 1
        options = dict(FAULTS[name][1])
        if name == "flip":
            options["bit"] = chance.randrange(8)
        self._due.append(Fault(name, way, at, options))

    # the line --------------------------------------------------------------------------------
    def carry(self, way, data):
        """Return what arrives of bytes on the line."""
        if not self._due:
            self._passed[way] += len(data)
            return data
        out = bytearray()
        data = bytes(data)
        while data:
            end = self._passed[way] + len(data)
            here = [f for f in self._due if f.way == way and f.at < end]
            if not here:
                out += data
                self._passed[way] = end
                break
            fault = min(here, key=lambda f: f.at)
            n = max(0, fault.at - self._passed[way])
            out += data[:n]
            self._passed[way] += n
            self._due.remove(fault)
            self.happened.append((fault.name, way, self._passed[way]))
            data = self._apply(fault, data[n:], out)
            if self._chance is not None and not self._due:
                self._schedule()
        return bytes(out)

    def _apply(self, fault, data, out):
        """Have a fault happen to data, at its first byte; return what arrives of them.

        out: the bytes before, which have not been delivered yet.
        """
        module, options = self._module, fault.options
        name = fault.name
        if name == "drop":
            self._passed[fault.way] += options["n"]
        if name in _CHANGES:
            return _CHANGES[name](data, **options)
        if name == "indication":
            self._boundary.append(options["text"].encode() + b"\r\n")
            return data
        if name == "delay":
            if fault.way == ">":
                module.line.take_in(bytes(out))
                out.clear()
            module.line.delay(fault.way, data, options["ms"])
            return b""
        if name == "unplugged":
            module.unplug(options["ms"])
            return b""
        if name == "radio_lost":
            module.drop_link(options["ms"])
            return data
        if name == "peer_closes":
            module.socket_table.hang_up()
            return data
        if fault.way == ">":  # the bytes before still arrive
            module.line.take_in(bytes(out))
            out.clear()
        module.line.drop_output()
        if name == "wedged":
            module.wedge()
        else:
            self._winds_lost = name == "silent_restart"
            module.restart("reset" if name in ("restart", "silent_restart") else name)
        return b""

    # what it says ----------------------------------------------------------------------------
    def _use(self, *names, command=None):
        """Return the first fault of these names (and for this command) and count it; or None."""
        for fault in self._standing:
            commands = fault.options.get("command", "")
            if fault.name in names and (command is None or command in commands.split()):
                times = fault.options.get("times")
                if times is not None:
                    fault.options["times"] = times - 1
                    if times <= 1:
                        self._standing.remove(fault)
                self.happened.append((fault.name, "", self._passed["<"]))
                return fault
        return None

    def boundary(self):
        """Return the indications that are due between two lines, a list of bytes."""
        due, self._boundary = self._boundary, []
        return due

    def wind(self, number, data):
        """Return what is sent now of an indication (bytes), or None."""
        if self._winds_lost:
            self._winds_lost = number not in (32, 24)
            return None
        if not self._standing:
            return data
        if number == 58 and self._use("wind58_missing"):
            return None
        if number != 55:
            return data
        fault = self._use("wind55_missing", "wind55_late", "wind55_stale", "wind55_wrong")
        if fault is None:
            return data
        if fault.name == "wind55_missing":
            return None
        if fault.name == "wind55_wrong":
            head, _, last = data.rstrip().rpartition(b":")
            return head + b":%d\r\n" % (int(last) + fault.options["by"])
        self._module.after(fault.options["ms"], self._module.emit, data)
        return data if fault.name == "wind55_stale" else None

    def answer(self, command):
        """Return the error that a command gets instead of running, "hang", or None."""
        if not self._standing:
            return None
        fault = self._use("refuse", "hang", command=command)
        if fault is None:
            return None
        return "hang" if fault.name == "hang" else fault.options["number"]

    def late(self, command):
        """Return how many ms the final line of a command is late."""
        if not self._standing:
            return 0
        fault = self._use("late", command=command)
        return fault.options["ms"] if fault is not None else 0

    def spoils_update(self):
        """True if a boot refuses the firmware image."""
        return bool(self._standing) and self._use("update_rejected") is not None

    def blocks_reset(self):
        """True if a software reset ends in silence."""
        return bool(self._standing) and self._use("reset_blocked") is not None
