"""TLSCERT: the internal certificate area. [h.1, h.7]"""

from ..parts.verify import subject_key_id
from .registry import command, without_data

_OWN_CERTIFICATE = 1475  # bytes at most [T6]
_AREA = 4096


def _check(module, what, size):
    what = what.lower()
    if what not in ("ca", "cert", "key", "auth"):
        return 7
    if what == "cert" and size.isdecimal() and int(size) > _OWN_CERTIFICATE:
        return 32
    if size.isdecimal() and int(size) > _AREA:
        return 32
    return None


@command("TLSCERT", 2, 2, data=1, check=_check)
def tlscert(module, what, size, data):
    what = what.lower()
    yield module.timing.flash
    slot = module.flash.slot
    slot[what] = data
    module.flash.wrote()
    module.tls_loaded = False
    if what == "ca":
        slot.pop("auth", None)
        key = subject_key_id(data)
        if key is not None and module.quirks.ski_line:
            module.reply("AT-S.SubjectKeyId:" + ":".join(f"{c:02X}" for c in key))
    return None


@without_data("TLSCERT", "content")
def content(module, option):
    """List (1) or clean (2) the area: one line, whose text is not known, and OK. [l.8]"""
    yield module.timing.flash
    slot = module.flash.slot
    if option == "2":
        slot.clear()
        module.flash.wrote()
        module.tls_loaded = False
        module.reply("AT-S.TLS content:cleaned")
        return None
    if option != "1":
        return 7
    text = module.quirks.content_text
    key = subject_key_id(slot["ca"]) if "ca" in slot else None
    if text == "ski" and key is not None:
        module.reply("AT-S.CA:" + ":".join(f"{c:02X}" for c in key))
    elif text == "keywords":
        module.reply("AT-S.TLS content:" + ",".join(sorted(slot)))
    else:
        module.reply(f"AT-S.TLS content:{len(slot)}")
    return None
