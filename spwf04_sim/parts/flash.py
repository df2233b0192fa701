"""What a module remembers: saved configuration, certificate slot, files; and its volumes.

A restart wipes the RAM volume; everything else survives. [T10, f.1]
"""

from dataclasses import dataclass, field

from ..texts import is_number

# {number of a volume: (letter in FSL, capacity in bytes)} [i]; I and A are a GUESS, and so are all
# capacities but that of the RAM disk, which is the variable ramdisk_memsize
VOLUMES = {1: ("I", 1 << 18), 2: ("D", 16384), 3: ("A", 1 << 16), 0: ("X", 1 << 23)}
LETTERS = {letter: number for number, (letter, _) in VOLUMES.items()}
CARD, USER, RAM, APPLICATION = 0, 1, 2, 3


@dataclass
class Flash:
    """The memory of a module.

    saved: variables that differ from the factory's. slot: {keyword: bytes} of the internal
    certificate area, eap: of that for WPA-Enterprise. files: {(number of the volume, name):
    bytearray}. radio_off: the configuration was saved with WIFI=0, so that a boot has no WIND 32.
    [b.2] image: a firmware that the next boot applies. [T12] disk: (volume, {name: bytes}) that
    the next boot puts in the place of a volume's files. writes: how often the slot, or a file
    outside the RAM disk, was written. counts: of power cycles, of resets by the watchdog, of all
    resets. [f.2]

    sd_card: there is an SD card. masked: the application disk is hidden from commands; only the
    web server sees it. [i.1] mounted: numbers of the volumes that are mounted. changed: {place of
    a file: when it was written, seconds since 1970}. opened: places of files that the web server
    reads, once for each reader. stuck: those that cannot be deleted any more. [T10]
    """

    saved: dict = field(default_factory=dict)
    slot: dict = field(default_factory=dict)
    eap: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    radio_off: bool = False
    image: "bytes | None" = None
    writes: int = 0
    sd_card: bool = False
    masked: bool = False
    disk: "tuple | None" = None
    mounted: set = field(default_factory=lambda: {USER, RAM, APPLICATION})
    ram_size: int = 16384
    changed: dict = field(default_factory=dict)
    opened: list = field(default_factory=list)
    stuck: set = field(default_factory=set)
    counts: dict = field(default_factory=lambda: {"power": 0, "watchdog": 0, "reset": 0})

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

    def cas(self):
        """Return the CAs that are in place, a list of bytes: that of the slot; only while the slot
        is empty, those in files. [T1]"""
        if self.slot:
            return [self.slot["ca"]] if "ca" in self.slot else []
        return [bytes(data) for (_, name), data in self.files.items() if name.endswith(".ca")]

    def wrote(self, volume=USER):
        """Count a write; volume: where the file is."""
        self.writes += volume != RAM

    def restart(self, ram_size=16384, user=True):
        """Lose what a restart loses, and mount the volumes. ram_size: bytes of the RAM disk. user:
        whether the user flash is mounted."""
        self.ram_size = ram_size
        self.drop(RAM)
        self.mounted = {RAM} | ({USER} if user else set())
        self.mounted |= ({CARD} if self.sd_card else set()) | (
            set() if self.masked else {APPLICATION}
        )
        self.opened = []
        self.stuck = set()
        if self.disk is not None:
            (volume, files), self.disk = self.disk, None
            self.replace(volume, files)

    def drop(self, volume):
        """Remove all files of a volume."""
        self.files = {key: data for key, data in self.files.items() if key[0] != volume}

    def replace(self, volume, files):
        """Put files, {name: bytes}, in the place of those of a volume."""
        self.drop(volume)
        self.files.update({(volume, name): bytearray(data) for name, data in files.items()})
        self.wrote(volume)

    def fill(self):
        """Leave no room on any volume."""
        for volume in self.mounted:
            self.files[volume, "full"] = bytearray(self.free(volume))

    def locate(self, name, default):
        """Split "[<volume>:][/]<name>" into (number of the volume, name); None if it is malformed.

        default: the number of the volume if the name has none.
        """
        volume = default
        head, colon, rest = name.partition(":/")
        if colon:
            volume = self.volume(head)
            if volume is None:
                return None
            name = rest
        name = name.lstrip("/")
        if any(c < " " for c in name):  # FAT has no such names
            return None
        return (volume, name) if name else None

    def volume(self, word):
        """Return the number that a volume's number or letter means, or None."""
        if is_number(word):
            return int(word)
        return LETTERS.get(word.upper())

    def find(self, name, default):
        """Return the place in files of a name, or None if it is malformed.

        A name without a volume is looked for on the default volume, then on all.
        """
        key = self.locate(name, default)
        if key is None or key in self.files:
            return key
        if ":/" not in name:
            for volume in VOLUMES:
                if (volume, key[1]) in self.files and volume in self.mounted:
                    return volume, key[1]
        return key

    def size(self, volume):
        """Return how many bytes a volume has."""
        return self.ram_size if volume == RAM else VOLUMES[volume][1]

    def free(self, volume):
        """Return how many bytes are left on a volume."""
        used = sum(len(d) for (v, _), d in self.files.items() if v == volume)
        return self.size(volume) - used
