"""Files."""

import hashlib
import re

from ..experiment import DISK, Untried, experiment

_NAME = "probe-test.tmp"
_LETTERS = {"D": "ram", "I": "flash"}
_FILE = re.compile(r"File:(\w)\t(\d+)\t([^\r\n]+)")
_OTHER = re.compile(r"AT-S\.(?!File:|OK|ERROR)[^:\r\n]+:([^\r\n]*)")


@experiment("fsl_first_line")
def first_line(bench):
    """List the files, and look at the first line."""
    lines = bench.done("FSL").lines
    own = [line.strip("\0") for line in lines if "+WIND:" not in line]  # one may come first
    other = _OTHER.search(own[0]) if own else None
    if other is None:
        return {"fsl_first_line": "none"}
    return {"fsl_first_line": "letter" if re.search(r"[A-Z]\b|\t", other[1]) else "Free"}


@experiment("default_volume", "hash_format", "fsp_keyword", needs=(DISK,))
def a_file(bench):
    """Make a file of one byte, and look at what the commands of files say of it."""
    bench.line.say("FSD=" + _NAME)
    bench.done(f"FSC={_NAME},1", b"x")
    try:
        letter = _letter(bench)
        found = {"default_volume": _LETTERS[letter]} if letter in _LETTERS else {}
        return {**found, **_digest(bench), **_printed(bench)}
    finally:
        bench.line.say("FSD=" + _NAME)


def _letter(bench):
    """The letter of the volume that has the file; None if the list does not show it."""
    names = {name.lstrip("/"): letter for letter, _, name in _FILE.findall(bench.done("FSL").text)}
    return names.get(_NAME)


def _digest(bench):
    shown = bench.done("HASH=2," + _NAME).value(r"AT-S\.\w+: ?([0-9A-Fa-f:]{64,})") or ""
    if shown.replace(":", "").lower() != hashlib.sha256(b"x").hexdigest():
        return {}
    if ":" in shown:
        return {"hash_format": "Digest:a:b"}
    return {"hash_format": "Hash:UPPER" if shown.isupper() else "HASH:lower"}


def _printed(bench):
    """Print the file as it is, then more than there is."""
    whole = bench.done("FSP=" + _NAME).text
    beyond = bench.done(f"FSP={_NAME},0,500").text
    for word in ("Reading", "Printing"):
        if f"AT-S.{word}:1" in whole and f"AT-S.{word}:1" in beyond:
            return {"fsp_keyword": word}
    if "AT-S.Read Cap:1" in beyond and "AT-S.Read Cap" not in whole:
        return {"fsp_keyword": "Read Cap"}
    return {}


@experiment("user_flash", needs=(DISK,))
def user_flash(bench):
    """Make a file on volume 1: where is it, and does it outlast a restart?"""
    name = "1:/" + _NAME
    bench.line.say("FSD=" + name)
    said = bench.line.say(f"FSC={name},1", b"x")
    if not said.ok:
        bench.answer()
        if said.error == 50:
            raise Untried("its user flash is full")
        return {"user_flash": "unmounted" if said.error == 29 else "refused"}
    try:
        letter = _letter(bench)
        bench.restart()
        lasts = _letter(bench) is not None
    finally:
        bench.line.say("FSD=" + name)
    if letter == "D" and not lasts:
        return {"user_flash": "ram"}
    return {"user_flash": "written"} if letter != "D" and lasts else {}
