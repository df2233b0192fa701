"""Reads the reply of AT+S.SCAN. [c.3.1]"""

from ..arguments import milliseconds
from ..at.exchange import Exchange
from ..at.task import Wait
from .station import ready


def scan(radio, timeout, kind=b"s"):
    """SPWF04.scan(), as steps. kind: b"s" for each name once, b"d" for all access points."""
    timeout_ms = milliseconds(timeout)
    channel = radio.channel
    counts = radio.indications
    found = []
    yield from ready(radio)

    def on_line(parser):
        entry = parse(parser.raw())
        if entry is not None:
            found.append(entry)

    end = channel.deadline(timeout_ms)
    exchange = Exchange(on_line)
    while True:
        yield exchange.prepare(b"AT+S.SCAN=%s,\r" % kind, None, timeout_ms)
        # These pass: 40 a scan is running, 42 and 43 the radio is busy or starting
        if exchange.code not in (40, 42, 43) or channel.expired(end):
            channel.check(exchange)
            # The name of a network may have a line end in it, and what looks like an OK behind
            # that: wait until nothing comes any more
            yield Wait(lambda: False, 50)
            return found
        # The scan that runs is the module's own, one after the other: be there when it ends
        before = counts[35] = min(counts[35], 90)
        pause = 2000 if exchange.code == 40 else 100
        yield Wait(lambda before=before: counts[35] != before, pause)


def parse(line):
    """Return the entry of a line (bytes), as in SPWF04.scan(), or None.

    `<i>:TAB BSS <mac> CHAN: <n> RSSI: -<n> SSID: '<ssid>' CAPS: <hhhh> [WPA ...]`
    A ' in an SSID is not escaped: the last one before CAPS ends it.
    """
    at = line.find(b"BSS ")
    begin = line.find(b" SSID: '")
    end = line.rfind(b"' CAPS: ")
    if at < 0 or begin < 0 or end < begin:
        return None
    words = line[at:begin].split()
    try:
        bssid = bytes([int(part, 16) for part in words[1].split(b":")])
        number = int(words[words.index(b"CHAN:") + 1])
        rssi = int(words[words.index(b"RSSI:") + 1])
    except (ValueError, IndexError):
        return None
    kinds = line[end + 8 :].split()
    security = 0
    if b"WPA2" in kinds:
        security = 4 if b"WPA" in kinds else 3
    elif b"WPA" in kinds:
        security = 2
    elif b"WEP" in kinds:
        security = 1
    ssid = line[begin + 8 : end]
    # A network that hides its name may show NULs instead
    return (ssid, bssid, number, rssi, security, not ssid.strip(b"\0"))
