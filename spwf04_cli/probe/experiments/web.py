"""Its own servers."""

import contextlib
import re

from spwf04_sim import disk_image

from .. import browser, servers
from ..experiment import DISK, SERVER, UPDATE, Untried, experiment

_PAGE = "/remote.html"  # one of ST's own; what is posted to it does not depend on it
_TEMPLATE = "/input_demo.fhtml"  # another one; it asks for the text of INPUTSSI
_KEY = "probe"
_FILE = "probe-test.txt"
_SERVED = "probe-test.htm"
_SERVED_BYTES, _PIECE = 12000, 1000
_READERS, _TIMES, _ROUNDS = 4, 8, 6
_RESTART_S = 20  # "a few seconds" after a file that cannot be deleted
_ON_USER_FLASH = re.compile(r"AT-S\.File:I\t(\d+)\t([^\r\n]+)")


def _start(bench):
    """Have the module's web server run."""
    bench.leave()
    bench.set("ip_use_httpd", 1)
    bench.set("user_desc", _KEY)
    bench.join()


@experiment("web_port", needs=(SERVER,))
def same_port(bench):
    """Open a server on the port of the module's own."""
    _start(bench)
    browser.ask(bench, browser.get("/"))
    said = bench.line.say("SOCKDON=80,t")
    number = said.value(r"AT-S\.On:(\d+)")
    if number is not None:
        bench.done("SOCKDC=" + number)
    if number is not None:
        return {"web_port": "taken"}
    return {"web_port": "refused"} if said.error == 73 else {}


# forms ---------------------------------------------------------------------------------------
@experiment("key_lasts", needs=(SERVER,))
def key(bench):
    """Post the right Key with a field, then a field alone."""

    def told(*fields):
        said, _ = browser.ask(bench, browser.form(_PAGE, fields))
        return any(number == 64 and "Ssid" in text for number, text in said.winds)

    _start(bench)
    if not told(("Key", _KEY), ("Ssid", "probe1")):
        raise Untried("nothing tells of a field that is posted with the right Key")
    return {"key_lasts": "boot" if told(("Ssid", "probe2")) else "request"}


@experiment("upload_key", needs=(SERVER, DISK))
def file_without_key(bench):
    """Post a file without the Key, then with it."""

    def kept(*fields):
        browser.ask(bench, browser.upload(_PAGE, fields, _FILE, b"probe"))
        listed = bench.line.say("FSL").text
        bench.line.say("FSD=" + _FILE)
        return "\t" + _FILE in listed

    _start(bench)
    if kept():
        return {"upload_key": "no"}
    if kept(("Key", _KEY)):
        return {"upload_key": "yes"}
    raise Untried("its web server keeps no files")


# INPUTSSI ------------------------------------------------------------------------------------
@experiment("ssi_limit", needs=(SERVER,))
def long_text(bench):
    """Give 200 bytes to a page that asks for text."""
    _start(bench)
    with browser.visiting(bench, browser.get(_TEMPLATE)) as visit:
        if bench.line.wait_wind(56, 10).wind(56) is None:
            raise Untried(f"its page {_TEMPLATE} asks for no text")
        said = _input(bench, b"|" + b"x" * 199)
        if not said.ok:
            _input(bench, b"|ab")  # so that the page does not wait for it
        bench.line.until(lambda raw: visit.read(), 5)
    if said.ok:
        return {"ssi_limit": "taken"}
    return {"ssi_limit": "refused"} if said.error == 32 else {}


@experiment("ssi_unasked")
def unasked_text(bench):
    """Give text though no page asks for it."""
    said = _input(bench, b"|ab")
    if not said.end:
        bench.line.wait_wind(32, 20)
        raise Untried("INPUTSSI is not answered")
    return {"ssi_unasked": "kept" if said.ok else "error"}


def _input(bench, data):
    said = bench.line.say(f"INPUTSSI={len(data)}", data)
    if not said.ok:
        bench.line.send(b"\r")  # the text was taken as a command
        bench.line.listen(0.5)
    return said


# files ---------------------------------------------------------------------------------------
@experiment("served_file", needs=(SERVER, DISK))
def deleted_while_read(bench):
    """Delete a file while the web server reads it."""
    _start(bench)
    for _ in range(_ROUNDS):
        _write(bench)
        said = _delete_while_read(bench)
        if said.error == 56:
            break
        if not said.ok:
            raise Untried(f"FSD: {said.end or 'no answer'}")
    else:
        raise Untried("it deletes the file each time")
    after = bench.line.wait_wind(0, _RESTART_S)
    if after.wind(0) is not None:
        bench.line.wait_wind(32, 20)
        return {"served_file": "stuck"}
    return {"served_file": "busy"} if bench.line.say("FSD=" + _SERVED).ok else {}


def _write(bench):
    bench.line.say("FSD=" + _SERVED)
    for _ in range(_SERVED_BYTES // _PIECE):
        bench.done(f"FSC={_SERVED},{_PIECE}", b"x" * _PIECE)


def _delete_while_read(bench):
    asked = browser.get("/" + _SERVED, "Connection: keep-alive\r\n") * _TIMES
    with contextlib.ExitStack() as open_:
        visits = [open_.enter_context(browser.visiting(bench, asked)) for _ in range(_READERS)]
        bench.line.until(lambda raw: any(v.read() or v.answer for v in visits), 5)
        said = bench.line.say("FSD=" + _SERVED)
        bench.line.until(lambda raw: _ended(visits), 2)
    return said


def _ended(visits):
    """Take in what has come for each Visit; True if all answers have ended."""
    return min([visit.read() for visit in visits])


@experiment("update_disk", needs=(SERVER, UPDATE))
def which_disk(bench):
    """Ask for an update of either kind from a server that has none."""
    with servers.tcp(bench, _nothing) as port:
        here = _address(bench)
        outer, inner = (
            bench.line.say(f"FWUPDATE={kind},{here},/nothing,{port},0,,", limit_s=60)
            for kind in "ei"
        )
    if outer.error in (None, 1, 2, 6, 7) or not inner.end:
        raise Untried(f"FWUPDATE: {outer.end or 'no answer'}, {inner.end or 'no answer'}")
    return {"update_disk": "no" if inner.error == 7 else "yes"}


@experiment("fs_update", needs=(SERVER, UPDATE, DISK))
def other_files(bench):
    """Replace the files of the user flash by the same and one more."""
    files = _user_files(bench)
    try:
        image = disk_image({**files, _FILE: b"probe"})
    except ValueError as e:
        raise Untried(str(e)) from None

    def serve(connection):
        _asked(connection)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(image)}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + image)

    with servers.tcp(bench, serve) as port:
        bench.done(f"FSUPDATE=i,{_address(bench)},/probe.img,{port},0,,", limit_s=120)
    try:
        if _FILE in _user_files(bench, False):
            return {"fs_update": "at once"}
        bench.restart()
        return {"fs_update": "restart"} if _FILE in _user_files(bench, False) else {}
    finally:
        bench.line.say("FSD=1:/" + _FILE)


def _address(bench):
    """That of this computer, for the module, which has joined."""
    bench.join()
    if bench.address is None:
        raise Untried("this computer's address in the module's network is not known")
    return bench.address


def _user_files(bench, read=True):
    """{name: data} of the user flash; without `read` the data are empty."""
    found: dict = {}
    for size, name in _ON_USER_FLASH.findall(bench.done("FSL").text):
        found[name] = b""
        if read and int(size):
            said = bench.done(f"FSP=1:/{name},0,{size}", limit_s=60)
            found[name] = said.raw[: said.raw.rindex(b"AT-S.OK")][-int(size) :]
            if len(found[name]) != int(size):
                raise Untried(f"{name} on its user flash cannot be read")
    return found


def _asked(connection):
    """Take in the head of a request."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(1000)
        if not data:
            break
        head += data


def _nothing(connection):
    _asked(connection)
    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
