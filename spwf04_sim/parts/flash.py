"""What a module remembers: saved configuration, certificate slot, files.

A restart wipes the RAM volume; everything else survives. [T10, f.1]
"""

from dataclasses import dataclass, field

# {number of a volume: (letter in FSL, capacity in bytes)} [i]; the letters I and A are a GUESS
VOLUMES = {1: ("I", 1 << 18), 2: ("D", 16384), 3: ("A", 1 << 16)}
LETTERS = {letter: number for number, (letter, _) in VOLUMES.items()}
_RAM = 2


@dataclass
class Flash:
    """The memory of a module.

    saved: variables that differ from the factory's. slot: {keyword: bytes} of the internal
    certificate area. files: {(number of the volume, name): bytearray}. radio_off: the
    configuration was saved with WIFI=0, so that a boot has no WIND 32. [b.2] image: a firmware
    that the next boot applies. [T12] writes: how often the slot, or a file outside the RAM disk,
    was written.
    """

    saved: dict = field(default_factory=dict)
    slot: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    radio_off: bool = False
    image: "bytes | None" = None
    writes: int = 0

    def own(self):
        """Return (certificate, key) of the module itself, or None. [T1, T5]

        They come from the slot; only while the slot is empty, from the files tls.cert and tls.key.
        """
        slot = self.slot
        if slot:
            return (slot["cert"], slot["key"]) if "cert" in slot and "key" in slot else None
        files = {name: bytes(data) for (_, name), data in self.files.items()}
        if "tls.cert" in files and "tls.key" in files:
            return files["tls.cert"], files["tls.key"]
        return None

    def wrote(self, volume=1):
        """Count a write; volume: where the file is."""
        self.writes += volume != _RAM

    def restart(self):
        """Lose what a restart loses."""
        self.files = {key: data for key, data in self.files.items() if key[0] != _RAM}

    def fill(self):
        """Leave no room on any volume."""
        for volume in VOLUMES:
            self.files[volume, "full"] = bytearray(self.free(volume))

    def locate(self, name, default):
        """Split "[<volume>:][/]<name>" into (number of the volume, name); None if it is malformed.

        default: the number of the volume if the name has none.
        """
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
        """Return the key in files of a name, or None.

        A name without a volume is looked for on the default volume, then on all.
        """
        key = self.locate(name, default)
        if key is None or key in self.files:
            return key
        if ":/" not in name:
            for volume in VOLUMES:
                if (volume, key[1]) in self.files:
                    return volume, key[1]
        return None

    def free(self, volume):
        """Return how many bytes are left on a volume."""
        used = sum(len(d) for (v, _), d in self.files.items() if v == volume)
        return VOLUMES[volume][1] - used
