"""TLSCERT: the internal certificate area. [h.1, h.7]"""

from ..parts.verify import shown_key_id
from ..texts import is_number
from .registry import command, without_data

_OWN_CERTIFICATE = 1475  # bytes at most [T6]
_AREA = 4096  # bytes at most. GUESS


def _check(module, what, size):
    what = what.lower()
    if what not in ("ca", "cert", "key", "auth"):
        return 7
    most = _OWN_CERTIFICATE if what == "cert" else _AREA
    return 32 if is_number(size) and int(size) > most else None


@command("TLSCERT", 2, 2, data=1, check=_check)
def tlscert(module, what, size, data):
    what = what.lower()
    yield module.timing.flash
    slot = module.flash.slot
    slot[what] = data
    module.flash.wrote()
    module.tls.loaded = False
    if what == "ca":
        slot.pop("auth", None)
        key = shown_key_id(data)
        if key and module.quirks.ski_line:
            module.reply("AT-S.SubjectKeyId:" + key)
    return None


@without_data("TLSCERT", "content")
def content(module, option):
    """List (1) or clean (2) the area: one line, whose text is not known, and OK. [l.8]"""
    yield module.timing.flash
    slot = module.flash.slot
    if option == "2":
        slot.clear()
        module.flash.wrote()
        module.tls.loaded = False
        module.reply("AT-S.TLS content:cleaned")
        return None
    if option != "1":
        return 7
    text = module.quirks.content_text
    key = shown_key_id(slot["ca"]) if "ca" in slot else ""
    if text == "ski" and key:
        module.reply("AT-S.CA:" + key)
    elif text == "keywords":
        module.reply("AT-S.TLS content:" + ",".join(sorted(slot)))
    else:
        module.reply(f"AT-S.TLS content:{len(slot)}")
    return None
