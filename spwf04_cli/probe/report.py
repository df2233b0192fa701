"""The file with what was found: readings, the transcripts that show them, and no secrets.

It is made to be sent in. Passwords are masked by their place, names of networks, serial numbers
and the last half of MAC addresses too.
"""

import json
import pathlib
import re

from spwf04.at.secret import masked

from .. import local, output
from .experiment import LOST
from .points import points

FORMAT = 1
KIND = "spwf04 probe"
MASK = output.MASK
_LONGEST = 32768  # characters of a transcript
_LEAST = 4  # bytes of a name that is masked wherever it stands

# What stands behind these words is a name of a network, of the module or of a user
_NAMES = re.compile(
    r"(SSIDTXT=|wifi_ssid[=,]|WIND:25:[^:\r\n]*:|nv_serial=|ip_hostname[=,]|"
    r"wifi_eap_(?:anon_)?identity[=,])[^\r\n]+"
)
_SCANNED = re.compile(r"(SSID: ')[^\r\n]*(' CAPS)")
_MAC = re.compile(r"\b((?:[0-9A-Fa-f]{2}:){3})(?:[0-9A-Fa-f]{2}:){2}[0-9A-Fa-f]{2}\b")
_LINK_LOCAL = re.compile(r"\bfe80:[0-9A-Fa-f:]+")
# Where the module tells its address of IPv6: that tells a household, or has its MAC address
_V6 = re.compile(
    r"(WiFi Up:\d*:|ip_local=|ip_dns\dv6=)(?!fe80:|::\s*$)[0-9a-f]*:[0-9a-f:]+", re.I | re.M
)


def private(text, names=()):
    """Return a text of the line without names and addresses that tell where a module is. names:
    str, that are masked wherever they stand."""
    for name in sorted({*names, *map(_escaped, names)}, key=len, reverse=True):
        if len(name) >= _LEAST:
            text = text.replace(name, MASK)
    text = _NAMES.sub(r"\g<1>" + MASK, text)
    text = _SCANNED.sub(r"\g<1>" + MASK + r"\g<2>", text)
    text = _MAC.sub(r"\g<1>xx:xx:xx", text)
    text = _V6.sub(r"\g<1>" + MASK, text)
    return _LINK_LOCAL.sub("fe80::xx", text)


def _escaped(name):
    """A name as masked() shows its bytes."""
    return "".join(c if " " <= c <= "~" and c != "\\" else f"\\x{ord(c):02x}" for c in name)


def told(traffic, names=()):
    """List what went over the line as [ms, way, text], without secrets. traffic: that of Line."""
    found = []
    for ms, way, data in traffic:
        if found and found[-1][1] == way:
            found[-1][2] += data  # a line that came in pieces is one again
        else:
            found.append([ms, way, bytes(data)])
    shown = [[ms, way, private(_masked(data), names)] for ms, way, data in found]
    return _cut(shown)


def _masked(data):
    parts = re.split(b"([\r\n]+)", data)
    lines = [masked(part) if part else "" for part in parts[::2]]
    ends = [part.decode() for part in parts[1::2]] + [""]
    return "".join(line + end for line, end in zip(lines, ends))


def _cut(shown):
    """The beginning and the end of a transcript that is too long."""
    room = _LONGEST
    kept = []
    for entry in shown:
        room -= len(entry[2])
        if room < 0:
            kept.append([entry[0], "", f"({len(shown) - len(kept)} more are left out)"])
            break
        kept.append(entry)
    return kept


class Report:
    """The report of one module. path: its file. names: as for private(). document: what is in it,
    see docs/cli.md."""

    def __init__(self, path, names=()):
        self.path = pathlib.Path(path)
        self.names = [name for name in names if name]
        self.document = {
            "kind": KIND,
            "format": FORMAT,
            "date": "",
            "driver": "",
            "module": {},
            "points": {},
            "experiments": {},
            "untried": {},
            "not_put_back": [],
        }

    @property
    def found(self):
        """{point: reading} so far."""
        return {name: p["reading"] for name, p in self.document["points"].items()}

    @property
    def lost(self):
        """The points whose experiment has ended with a module that did not answer any more."""
        return {name for name, why in self.document["untried"].items() if why == LOST}

    def resume(self):
        """Read the file if it is there; output.Failure if it is no report, or another format.

        What another version has found is left out if this one does not know it, and said.
        """
        local.free(self.path, force=True)
        try:
            read = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError):
            read = None
        good = isinstance(read, dict) and read.get("kind") == KIND
        if good and isinstance(read.get("format"), int) and read["format"] != FORMAT:
            what = f"{self.path} was written by another version of this program"
            raise output.Failure(what, "--report names another file.", output.USAGE)
        if not good or not self._is_whole(read):
            what = f"{self.path} exists, and is no report of spwf04 probe"
            raise output.Failure(what, "--report names another file.", output.USAGE)
        self.document = read
        self._forget_unknown()

    def _is_whole(self, read):
        """True if it is a report of which this class can use each part."""
        return (
            all(type(read.get(part)) is type(value) for part, value in self.document.items())
            and all(isinstance(e, dict) and "reading" in e for e in read["points"].values())
            and all(isinstance(why, str) for why in read["untried"].values())
        )

    def _forget_unknown(self):
        found, untried, known = self.document["points"], self.document["untried"], points()
        strange = [n for n, e in found.items() if n not in known or not known[n].has(e["reading"])]
        for name in strange:
            del found[name]
        for name in set(untried) - set(known):
            del untried[name]
        if strange:
            names = ", ".join(strange)
            output.note(f"{self.path} is of another version; what it found of {names} is left out")

    def of(self, module, date, driver):
        """Note which module it is; output.Failure if the file is that of another one."""
        before = self.document["module"]
        for key in ("poweron", "simulated"):
            if before and before.get(key) != module[key]:
                raise output.Failure(
                    f"{self.path} is the report of another module: {before.get(key)}",
                    "--report names another file.",
                    output.USAGE,
                )
        self.document.update(module=module, date=date, driver=driver)

    def add(self, result):
        """Add what came of an experiment, a run.Result."""
        title = result.experiment.title
        known = points()
        for name, value in result.found.items():
            words = known[name].readings[value]
            entry = {"reading": value, "words": words, "experiment": title}
            self.document["points"][name] = entry
        self.document["experiments"][title] = {
            "notes": result.notes,
            "transcript": told(result.transcript, self.names),
        }

    def why(self, untried):
        """Note why points were not found: {point: why}."""
        for name, why in untried.items():
            if name not in self.document["points"]:
                self.document["untried"][name] = private(why, self.names)
        for name in self.document["points"]:
            self.document["untried"].pop(name, None)

    def write(self):
        """Write the file."""
        text = json.dumps(self.document, indent=1, ensure_ascii=False) + "\n"
        try:
            local.write(self.path, text.encode())
        except OSError as e:
            raise output.Failure(f"{self.path} cannot be written: {e.strerror}") from None
