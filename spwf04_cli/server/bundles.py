"""What stands in a root bundle, how old it is, and how its file is written."""

import functools
import re

from spwf04.dates import in_days
from spwf04.pki.causes import told
from spwf04.pki.rules import judge_ca

from ..checklist import NOTE, OK, WARNING
from ..times import date
from .roots import certifi_roots, info

_DAY = 86400
OLD = 365  # days after which a bundle is worth a word: each year some roots are withdrawn
_WEAK = ("old_hash", "small_key")  # what matters beside the module too
_AGAIN = "make it anew with spwf04 bundle, and copy it to the board"


def doubts(known, now):
    """What is wrong with a root by today's rules: a list of str. known: its CertificateInfo."""
    who = known.subject or "a certificate without a name"
    found = [c.what for c in told(judge_ca(known)) if c.name in _WEAK]
    if now > known.not_after:
        found.append(f"{who} expired on {date(known.not_after)}")
    elif now < known.not_before:
        found.append(f"{who} is not valid before {date(known.not_before)}")
    return found


def bundle_age(bundle, now):
    """How old a bundle is: (state as in checklist.py, words, what to do or "").

    bundle: a spwf04.Bundle. now: seconds since 1970.
    """
    origin = f" from {bundle.origin}" if bundle.origin else ""
    days = bundle.age(now)
    if days is None:
        return NOTE, f"it does not say when it was made{origin}", ""
    said = f"made on {date(bundle.made)[:10]}{origin}"
    if days < 0:
        return WARNING, f"{said}, which is in the future by this clock", "set the clock"
    said += ", today" if days == 0 else f", {in_days(days)} ago"
    if days > OLD:
        return WARNING, f"{said}: some of its roots may be withdrawn", _AGAIN
    return OK, said, ""


def contents(bundle, now):
    """What stands in a bundle, as a dictionary for JSON.

    ending: roots that end within a year; expired: those that have; withdrawn: those that certifi
    does not have any more, if the bundle was made of certifi's alone; damaged: what is wrong.
    """
    state, said, todo = bundle_age(bundle, now)
    found = {"roots": len(bundle), "made": bundle.made, "age_days": bundle.age(now)}
    found.update(origin=bundle.origin, age=said, old=state == WARNING, todo=todo)
    found.update(ending=[], expired=[], withdrawn=[], damaged=[])
    try:
        for root in bundle.all():
            _add(found, bundle, root, now)
    except ValueError as e:  # it ends too early
        found["damaged"].append(str(e))
    return found


def _add(found, bundle, root, now):
    """Add to contents() what is to be said of a root."""
    try:
        der = bytes(root.der())
        known = info(der)
        if known.damaged:
            raise ValueError(known.damaged)
        for search, key in ((bundle.by_key, known.ski), (bundle.by_name, known.subject_hash)):
            if der not in [bytes(each.der()) for each in search(key)]:
                raise ValueError(f"{known.subject}: the index does not lead to it")
    except ValueError as e:
        found["damaged"].append(str(e))
        return
    plain = {"subject": known.subject, "sha256": known.sha256, "not_after": known.not_after}
    trusted = _certifi(bundle.origin)
    if trusted and der not in trusted:
        found["withdrawn"].append(plain)
    if known.not_after < now:
        found["expired"].append(plain)
    elif known.not_after < now + OLD * _DAY:
        found["ending"].append(plain)


@functools.lru_cache(maxsize=2)
def _certifi(origin):
    """The roots that certifi has now, if a bundle of this origin came from it alone, and certifi
    is not older; else none."""
    from certifi import __version__

    version = re.match(r"certifi (\d+)\.(\d+)\.(\d+)", origin)
    if version is None or "+" in origin:
        return frozenset()
    now = re.match(r"(\d+)\.(\d+)\.(\d+)", __version__)
    if now is None or [int(n) for n in now.groups()] < [int(n) for n in version.groups()]:
        return frozenset()
    return frozenset(certifi_roots())
