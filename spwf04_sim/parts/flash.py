"""What the module remembers: saved configuration, certificate slot, files.

The RAM volume is wiped by every restart; everything else survives. [T10, f.1]
"""

from dataclasses import dataclass, field

# volume number -> (letter in FSL, capacity in bytes) [i]; the letters I and A are a GUESS
VOLUMES = {1: ("I", 1 << 18), 2: ("D", 16384), 3: ("A", 1 << 16)}
LETTERS = {letter: number for number, (letter, _) in VOLUMES.items()}
_RAM = 2


@dataclass
class Flash:
    """saved: variables that differ from the factory's. slot: keyword -> bytes of the internal
    certificate area. files: (volume number, name) -> bytearray. radio_off: it was saved with
    WIFI=0, so that no WIND 32 comes in a boot. [b.2] image: a firmware to be applied at the next
    boot. [T12] writes: how often it was written: slot, files that are not on the RAM disk, saved
    variables."""

    saved: dict = field(default_factory=dict)
    slot: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    radio_off: bool = False
    image: "bytes | None" = None
    writes: int = 0

    def own(self):
        """(certificate, key) of the module itself: from the slot, from tls.cert and tls.key only
        while that is empty; or None. [T1, T5]"""
        slot = self.slot
        if slot:
            return (slot["cert"], slot["key"]) if "cert" in slot and "key" in slot else None
        files = {name: bytes(data) for (_, name), data in self.files.items()}
        if "tls.cert" in files and "tls.key" in files:
            return files["tls.cert"], files["tls.key"]
        return None

    def wrote(self, volume=1):
        """Something was written; volume: of a file."""
        self.writes += volume != _RAM

    def restart(self):
        """Lose what a restart loses."""
        self.files = {key: data for key, data in self.files.items() if key[0] != _RAM}

    def fill(self):
        """Leave no room on any volume."""
        for volume in VOLUMES:
            self.files[volume, "full"] = bytearray(self.free(volume))

    def locate(self, name, default):
        """Split "[<volume>:][/]<name>" into (volume number, name), or None if malformed."""
        volume = default
        head, colon, rest = name.partition(":/")
        if colon:
            if head.isdecimal():
                volume = int(head)
            elif head.upper() in LETTERS:
                volume = LETTERS[head.upper()]
            else:
                return None
            name = rest
        name = name.lstrip("/")
        return (volume, name) if name else None

    def find(self, name, default):
        """The key of an existing file, looked for on its volume, else on all; or None."""
        key = self.locate(name, default)
        if key is None or key in self.files:
            return key
        if ":/" not in name:
            for volume in VOLUMES:
                if (volume, key[1]) in self.files:
                    return volume, key[1]
        return None

    def free(self, volume):
        """Bytes left on a volume."""
        used = sum(len(d) for (v, _), d in self.files.items() if v == volume)
        return VOLUMES[volume][1] - used
