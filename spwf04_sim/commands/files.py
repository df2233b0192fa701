"""Files on the module's volumes. [i]"""

from ..parts.flash import VOLUMES
from ..parts.verify import digest
from .registry import command


def default_volume(module):
    """Return the number of the volume where a name without a volume goes."""
    return 2 if module.quirks.default_volume == "ram" else 1


def _check_create(module, name, size):
    key = module.flash.locate(name, default_volume(module))
    if key is None:
        return 7
    if key[0] not in VOLUMES or (key[0] == 1 and module.quirks.user_flash == "unmounted"):
        return 29
    return None


@command("FSC", 2, 2, data=1, check=_check_create)
def fsc(module, name, size, data):
    """Create a file, or append to it if it exists."""
    flash = module.flash
    key = flash.find(name, default_volume(module)) or flash.locate(name, default_volume(module))
    if key[0] == 1 and module.quirks.user_flash == "ram":
        key = 2, key[1]
    yield module.timing.flash
    if len(data) > flash.free(key[0]):
        return 50
    if key[0] == 1 and module.quirks.user_flash == "refused":
        return 51
    flash.files.setdefault(key, bytearray()).extend(data)
    flash.wrote(key[0])
    return None


def _found(module, name):
    key = module.flash.find(name, default_volume(module))
    return key if key in module.flash.files else None


@command("FSD", 1, 1)
def fsd(module, name):
    key = _found(module, name)
    if key is None:
        return 56
    yield module.timing.flash
    del module.flash.files[key]
    module.flash.wrote(key[0])
    return None


@command("FSR", 2, 2)
def fsr(module, old, new):
    key = _found(module, old)
    if key is None:
        return 55
    target = module.flash.locate(new, key[0])
    if target is None or target in module.flash.files:
        return 55
    yield module.timing.flash
    module.flash.files[target] = module.flash.files.pop(key)
    module.flash.wrote(key[0])
    return None


@command("FSL", 0, 1)
def fsl(module, pattern):
    first = module.quirks.fsl_first_line
    if first == "Free":
        free = sum(module.flash.free(v) for v in VOLUMES)
        module.reply(f"AT-S.Free:{free}")
    elif first == "letter":
        module.reply("AT-S.Disk:D\t" + str(module.flash.free(2)))
    for (volume, name), data in module.flash.files.items():
        module.reply(f"AT-S.File:{VOLUMES[volume][0]}\t{len(data)}\t{name}")


@command("FSP", 1, 3)
def fsp(module, name, offset, length):
    key = _found(module, name)
    if key is None:
        return 51
    start = int(offset) if offset.isdecimal() else 0
    data = module.flash.files[key][start:]
    if length.isdecimal():
        data = data[: int(length)]
    module.reply(f"AT-S.{module.quirks.fsp_keyword}:{len(data)}")
    module.payload(bytes(data))
    return None


@command("HASH", 2, 2)
def hash_(module, function, name):
    if function not in ("0", "1", "2", "3"):
        return 7
    key = _found(module, name)
    if key is None:
        return 51
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
    return None if volume in ("1", "2", "3") else 29


@command("FSU", 1, 2)
def fsu(module, volume, erase):
    if volume not in ("1", "2", "3"):
        return 59
    if erase == "1":
        files = module.flash.files
        for key in [k for k in files if k[0] == int(volume)]:
            del files[key]
    return None
