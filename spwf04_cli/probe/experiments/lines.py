"""Lines and replies."""

import re
import threading
import time

from .. import servers
from ..experiment import FACTORY, HAND, NETWORK, SAVES, SERVER, Untried, experiment

_PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_SUFFIXES = ((r"", ""), (r":", ":"), (r":\d+", ":heap"), (r":\d+:\d+", ":heap:state"))
_ERRORS = ((r":\d+:[^:]+", "full"), (r":\d+:", "empty"), (r":\d+", "number"))
_OTHER_RATE = {38400: 57600}  # {rate: the one that is tried}; else 38400


@experiment("reset_ok", "reset_wind2", "boot_order")
def restart(bench):
    """Restart the module, and look at what it says."""
    said = bench.restart()
    before = re.split(r"\+WIND:[013]:", said.text)[0]
    order = ",".join(str(n) for n, _ in said.winds if n in (0, 3))
    return {
        "reset_ok": "AT-S.OK" in before,
        "reset_wind2": said.wind(2) is not None,
        "boot_order": order if order in ("0,3", "3,0") else None,
    }


@experiment("ok_suffix")
def suffix(bench):
    """Look at what follows OK at the factory's console_verbose."""
    bench.set("console_verbose", 1)
    return _fitting("ok_suffix", _SUFFIXES, bench.done("AT").end[len("AT-S.OK") :])


@experiment("error_text")
def error(bench):
    """Send a command that does not exist, at the factory's console_errs."""
    bench.set("console_errs", 2)
    end = bench.line.say("AT+S.NOSUCHCOMMAND").end
    return _fitting("error_text", _ERRORS, end[len("AT-S.ERROR") :])


def _fitting(name, forms, text):
    """{name: reading} of the first form that fits a text; nothing if none does."""
    return next(({name: word} for form, word in forms if re.fullmatch(form, text)), {})


@experiment("speed_applies")
def speed(bench):
    """Change console_speed until the next restart, and look at which rate AT is answered."""
    line = bench.line
    old = line.rate
    new = _OTHER_RATE.get(old, 38400)
    if not (line.set_rate(new) and line.set_rate(old)):
        raise Untried("the rate of this port cannot be changed")
    line.say(f"SCFG=console_speed,{new}", limit_s=2)
    line.listen(0.2)
    if line.say("AT", limit_s=1.5).ok:
        bench.set("console_speed", old)
        return {"speed_applies": "restart"}
    line.set_rate(new)
    line.send(b"\r")  # what came at the wrong rate ends
    try:
        line.listen(0.2)
        if not line.say("AT", limit_s=1.5).ok:
            return {}
        line.say(f"SCFG=console_speed,{old}", limit_s=2)
        return {"speed_applies": "at once"}
    finally:
        line.set_rate(old)
        line.send(b"\r")
        line.listen(0.2)


@experiment("empty_line")
def lone_cr(bench):
    """Send a lone CR."""
    bench.line.drain()
    bench.line.send(b"\r")
    said = bench.line.listen(0.5)
    return {"empty_line": "ok" if said.ok else "silent" if not said.end else "error"}


@experiment("refused_payload")
def refused(bench):
    """Send data with a SOCKW that is refused. They are a command too."""
    bench.line.drain()
    bench.line.send(b"AT+S.SOCKW=7,4\r" + b"AT\r\n")
    said = bench.line.listen(1)
    if "AT-S.ERROR" not in said.text:
        return {}
    return {"refused_payload": "console" if "AT-S.OK" in said.text else "swallowed"}


@experiment("nul_bytes")
def nuls(bench):
    """Look for NULs in the longest of all replies, twice."""
    raw = b"".join(bench.line.say("GCFG", limit_s=10).raw for _ in range(2))
    return {"nul_bytes": b"\0" in raw}


@experiment("wind24_v6", "wind46_colon", needs=(NETWORK,))
def joining(bench):
    """Join, and look at the indications."""
    bench.line.say("SCFG=ip_use_v6,1")
    bench.leave()
    said = bench.join()
    addresses = [text for n, text in said.winds + bench.line.listen(10).winds if n == 24]
    found = {"wind24_v6": len(addresses) > 1}
    crunching = said.wind(46)
    if crunching is not None:
        found["wind46_colon"] = crunching.rstrip().endswith(":")
    return found


@experiment("winds", needs=(SERVER,))
def meanwhile(bench):
    """Let data arrive while the module waits for a web page: where do the indications come?"""
    quiet = bench.line.say("GCFG", limit_s=10)
    if len(quiet.winds) > len(quiet.lines) / 4:
        return {"winds": "everywhere"}
    asked = threading.Event()

    def pieces(connection):
        asked.wait(30)
        for _ in range(6):
            connection.sendall(b"x")
            time.sleep(0.05)
        connection.recv(1)

    def page(connection):
        connection.recv(1000)
        asked.set()
        time.sleep(0.6)
        connection.sendall(_PAGE)

    with (
        servers.tcp(bench, page) as slow,
        servers.tcp(bench, pieces) as port,
        bench.socket(port),
    ):
        bench.line.drain()
        bench.line.send(f"AT+S.HTTPGET={bench.address},/,{slow},0,,,,\r".encode())
        said = bench.line.until(_ends, 40, quiet_ms=300)
    if "+WIND:55" not in said.text or not said.end:
        raise Untried("no indication of the data came")
    before = said.text.partition(said.end)[0]
    return {"winds": "free" if "+WIND:55" in before else "held"}


def _ends(raw):
    return b"AT-S.OK" in raw or b"AT-S.ERROR" in raw


@experiment("wifi_state_saved", needs=(SAVES,))
def radio_off(bench):
    """Save with the radio switched off: does it start again?"""
    bench.leave()
    bench.line.listen(1)
    bench.save()
    try:
        said = bench.restart()
        return {"wifi_state_saved": said.wind(32) is None}
    finally:
        bench.line.say("WIFI=1")
        bench.line.wait_wind(32, 10)
        bench.save()


@experiment("factory_wind73", needs=(HAND, FACTORY))
def factory(bench):
    """Start the module with GPIO0 high, which restores the factory's settings."""
    around = bench.around
    around.switch(False)
    try:
        around.press(0, 1)
        bench.line.drain()
        around.switch(True)
        said = bench.started()
    finally:
        around.press(0, 0)
    if said.wind(65) is None:
        raise Untried("GPIO0 high did not restore the factory's settings")
    return {"factory_wind73": said.wind(73) is not None}
