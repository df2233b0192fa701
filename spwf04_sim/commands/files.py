"""Files on the module's volumes. [i]"""

import fnmatch

from ..parts.flash import CARD, RAM, USER, VOLUMES
from ..parts.verify import digest
from ..texts import is_number
from .registry import command

_STUCK_MS = 3000  # "a few seconds" from a file that is stuck to the restart [T10]


def default_volume(module):
    """Return the number of the volume where a new file goes whose name has no volume. [i]"""
    if module.quirks.default_volume == "flash":
        return USER
    both = {CARD, RAM} <= module.flash.mounted
    return CARD if both and module.variables["ext_volume"] == "1" else RAM


def write_file(module, key, data):
    """Add bytes to a file, which may be new; return the module's error number or None.

    key: (number of the volume, name).
    """
    flash = module.flash
    if key[0] == USER and module.quirks.user_flash == "ram":
        key = RAM, key[1]
    if in_use(module, key):
        return 51
    if len(data) > flash.free(key[0]):
        return 50
    if key[0] == USER and module.quirks.user_flash == "refused":
        return 51
    flash.files.setdefault(key, bytearray()).extend(data)
    flash.changed[key] = module.time
    flash.wrote(key[0])
    return None


def replace_file(module, key, data):
    """Write a file in the place of one that may be there; the module's error number or None."""
    if in_use(module, key):
        return 51
    module.flash.files.pop(key, None)
    return write_file(module, key, data)


def in_use(module, key):
    """True if the web server reads the file. In one reading the file then stays as it is, and the
    module restarts by itself. [T10]"""
    flash = module.flash
    if key in flash.stuck:
        return True
    if key in flash.opened and module.quirks.served_file == "stuck":
        flash.stuck.add(key)
        module.after(_STUCK_MS, module.restart)
    return key in flash.opened


def _found(module, name, missing):
    """(place of a file, None), or (None, error number). missing: the error if it is not there."""
    key = module.flash.find(name, default_volume(module))
    if key is not None and key[0] in VOLUMES and key[0] not in module.flash.mounted:
        return None, 29
    return (key, None) if key in module.flash.files else (None, missing)


def _check_create(module, name, size):
    key = module.flash.locate(name, default_volume(module))
    if key is None:
        return 7
    return None if key[0] in module.flash.mounted else 29


@command("FSC", 2, 2, data=1, check=_check_create)
def fsc(module, name, size, data):
    """Create a file, or append to it if it exists."""
    return (yield from write(module, name, data))


def write(module, name, data):
    """Do what FSC does; a generator that returns an error number or None."""
    error = _check_create(module, name, "")
    if error:
        return error
    yield module.timing.flash
    return write_file(module, module.flash.find(name, default_volume(module)), data)


@command("FSD", 1, 1)
def fsd(module, name):
    """Delete a file."""
    key, error = _found(module, name, 56)
    if error:
        return error
    yield module.timing.flash
    if in_use(module, key):
        return 56
    del module.flash.files[key]
    module.flash.wrote(key[0])
    return None


@command("FSR", 2, 2)
def fsr(module, old, new):
    """Rename a file; on another volume, or over another file, it does not move it."""
    key, error = _found(module, old, 55)
    if error:
        return error
    target = module.flash.locate(new, key[0])
    if target is None or target[0] != key[0] or target in module.flash.files:
        return 55
    yield module.timing.flash
    if in_use(module, key):
        return 55
    module.flash.files[target] = module.flash.files.pop(key)
    module.flash.wrote(key[0])
    return None


@command("FSL", 0, 1)
def fsl(module, pattern):
    """List the files; pattern: [<volume>:/][<name with * or ?>]."""
    flash = module.flash
    head, colon, name = pattern.partition(":/")
    if not colon:
        name = pattern
    wanted = flash.volume(head) if colon else None
    if colon and wanted not in flash.mounted:
        return 57
    first = module.quirks.fsl_first_line
    if first == "Free":
        free = sum(flash.free(v) for v in flash.mounted)
        module.reply(f"AT-S.Free:{free}")
    elif first == "letter":
        module.reply("AT-S.Disk:D\t" + str(flash.free(RAM)))
    for (volume, file), data in flash.files.items():
        if volume in flash.mounted and wanted in (None, volume):
            if fnmatch.fnmatchcase(file, name.lstrip("/") or "*"):
                module.reply(f"AT-S.File:{VOLUMES[volume][0]}\t{len(data)}\t{file}")
    return None


@command("FSP", 1, 3)
def fsp(module, name, offset, length):
    """Print a file, or bytes of it. In the likeliest reading a line says how many come only if
    more was asked for than there is. [i]"""
    key, error = _found(module, name, 51)
    if error:
        return error
    there = module.flash.files[key][int(offset) if is_number(offset) else 0 :]
    data = there[: int(length)] if is_number(length) else there
    keyword = module.quirks.fsp_keyword
    if keyword != "Read Cap" or (is_number(length) and int(length) > len(there)):
        module.reply(f"AT-S.{keyword}:{len(data)}")
    module.payload(bytes(data))
    return None


@command("HASH", 2, 2)
def hash_(module, function, name):
    """Compute the digest of a file."""
    if function not in ("0", "1", "2", "3"):
        return 7
    key, error = _found(module, name, 51)
    if error:
        return error
    text = digest(int(function), module.flash.files[key])
    keyword, form = module.quirks.hash_format.split(":", 1)
    if form == "UPPER":
        text = text.upper()
    elif form == "a:b":
        text = ":".join(text[i : i + 2] for i in range(0, len(text), 2))
    module.reply(f"AT-S.{keyword}:{text}")
    return None


@command("FSM", 1, 1)
def fsm(module, volume):
    """Mount a volume. [i]"""
    flash = module.flash
    there = {str(v) for v in VOLUMES} - (set() if flash.sd_card else {"0"})
    if volume not in there - ({"3"} if flash.masked else set()):
        return 29
    flash.mounted.add(int(volume))
    return None


@command("FSU", 1, 2)
def fsu(module, volume, erase):
    """Unmount a volume; erase: 1 removes its files. What the RAM disk holds is lost."""
    flash = module.flash
    if erase not in ("", "0", "1"):
        return 7
    if not is_number(volume) or int(volume) not in flash.mounted:
        return 59
    if erase == "1" or int(volume) == RAM:
        yield module.timing.flash
        flash.drop(int(volume))
        flash.wrote(int(volume))
    flash.mounted.discard(int(volume))
    return None
