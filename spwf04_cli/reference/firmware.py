"""Builds of the module's firmware, and what is known of each."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """What is known of a build. what: a few words. remarks: list of facts. old: there is a newer
    one."""

    what: str
    remarks: tuple = ()
    old: bool = False


# What the module's TLS cannot do with any firmware that is known [T3, T5, T6]
_TLS = (
    "its TLS takes no chain that mixes RSA and ECDSA, probably no RSA-4096, and no certificate "
    "above 2.5 KB (spwf04 check HOST tells)"
)
NEWEST = "171117-0328fe3"
KNOWN = {
    "170216-fd39c59": Meaning(
        "the first, of February 2017",
        (
            "saved settings can be lost at a restart: it says WIND 65 then",  # [T9]
            "an update to 1.1.0 mends that; after it, make the settings of the access point "
            "mode again",  # [T8]
            _TLS,
        ),
        old=True,
    ),
    "170726-b7ac1ba": Meaning("a beta, of July 2017", (_TLS,), old=True),
    NEWEST: Meaning("the newest that is known", (_TLS,)),
}


def meaning(build):
    """The Meaning of a build, as STS=build shows it: "171117-0328fe3-SPWF04S"."""
    found = re.match(r"(\d{6})-[0-9a-f]+", build)
    if not found:
        return Meaning("a name that ST does not use")
    known = KNOWN.get(found[0])
    if known is not None:
        return known
    if found[1] > NEWEST[:6]:
        return Meaning("newer than those that this command knows")
    return Meaning("one that this command does not know", old=True)
