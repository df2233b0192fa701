"""WPAECERT: the certificates for WPA-Enterprise. [c.3]

It has the form of TLSCERT and an area of its own.
"""

from ..parts.verify import shown_key_id
from ..texts import is_number
from .registry import command, without_data

_AREA = 4096  # bytes at most. GUESS: as large as that of TLSCERT


def _check(module, what, size):
    if what.lower() not in ("ca", "cert", "key", "auth"):
        return 7
    return 32 if is_number(size) and int(size) > _AREA else None


@command("WPAECERT", 2, 2, data=1, check=_check)
def wpaecert(module, what, size, data):
    yield module.timing.flash
    module.flash.eap[what.lower()] = data
    module.flash.wrote()
    key = shown_key_id(data) if what.lower() == "ca" and module.quirks.ski_line else ""
    if key:
        module.reply("AT-S.SubjectKeyId:" + key)
    return None


@without_data("WPAECERT", "content")
def content(module, option):
    """List (1) or clean (2) the area."""
    yield module.timing.flash
    if option == "2":
        module.flash.eap.clear()
        module.flash.wrote()
        module.reply("AT-S.WPAE content:cleaned")  # GUESS: all that it answers
        return None
    if option != "1":
        return 7
    module.reply(f"AT-S.WPAE content:{len(module.flash.eap)}")
    return None
