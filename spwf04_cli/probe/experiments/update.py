"""Ping, firmware update."""

import re

from .. import peers, websites
from ..experiment import FACTORY, NETWORK, SAVES, SERVER, UPDATE, Untried, experiment

_TIME = re.compile(r"[<=~]?\d+([.,]\d+)?( ?ms)?")


@experiment("ping_result", "ping_failure", needs=(NETWORK,))
def pings(bench):
    """Ping the gateway, and an address that nobody has."""
    bench.join()
    answered = bench.line.say(f"PING=1,56,{bench.status('ip_gw')}", limit_s=30)
    failed = bench.line.say(f"PING=1,56,{peers.NOBODY}", limit_s=60)
    said = peers.first_line(answered)
    if not answered.ok or said is None or said == peers.first_line(failed):
        raise Untried("the gateway of the network answers no PING")
    result = said.partition(":")[0].strip()
    word = "OK" if result == "OK" else "time" if _TIME.fullmatch(result) else "words"
    how = "words" if failed.ok else "error" if failed.error else peers.ending(failed)
    words = {"words": "words", "error": "error"}
    return peers.told(
        ping_result=word, ping_failure=peers.fitting(bench, "ping_failure", how, words)
    )


_SAVED, _VALUE = "ip_hostname", "spwf04-probe"
_DOWNLOAD_S = 300
_BOOT_S = 240
_SETTLED_S = 90  # after a boot, no other one comes


@experiment(
    "update_lines",
    "update_ok",
    "update_boots",
    "update_settings",
    needs=(SERVER, SAVES, UPDATE, FACTORY),
)
def update(bench):
    """Save a setting, load a firmware, and restart."""
    image = bench.around.firmware()
    before = bench.get(_SAVED)
    _save(bench, _VALUE)
    try:
        found = _download(bench, image)
        heard = bench.line.hear()
        bench.try_restart(_BOOT_S)
        bench.line.listen(_SETTLED_S)
        boots = [number for number, _ in heard().winds].count(1)
        bench.restart()
        kept = bench.get(_SAVED) == _VALUE
    finally:
        _save(bench, before)
    return peers.told(
        update_boots=peers.fitting(bench, "update_boots", boots, {1: "one", 2: "two"}),
        update_settings="kept" if kept else "factory",
        **found,
    )


def _save(bench, value):
    """Save a value of the setting, and nothing else."""
    bench.restart()
    bench.set(_SAVED, value)
    bench.save()


def _download(bench, image):
    """Load an image from a server that halts in the middle of it."""
    here = peers.here(bench)
    heard = bench.line.hear()
    with websites.halting(bench, image) as (port, more):
        line = f"AT+S.FWUPDATE=e,{here},/probe.ota,{port},0,,\r"
        bench.line.drain()
        bench.line.send(line.encode())
        for _ in range(10):  # not silent for long: the module would give up
            bench.line.listen(0.5)
            if heard().end:
                break
            more(64)
        early = heard()
        for _ in range(len(image) // 4096 + 1):
            if early.error or not more(4096):
                break
            bench.line.listen(0.01)
        if not early.end:
            bench.line.until(lambda raw: heard().end, _DOWNLOAD_S)
        bench.line.listen(8)
    said = heard()
    if not said.ok:
        raise Untried(f"FWUPDATE: {peers.ending(said)}")
    lines = "wind17" if said.wind(17) is not None else "none"
    if re.search(r"AT-S\.[^\r\n]*\d ?%", said.text):
        lines = "percent"
    elif re.search(r"AT-S\.Http", said.text, re.IGNORECASE):
        lines = "lines"
    return {"update_lines": lines, "update_ok": "before" if early.ok else "after"}
