"""The other ends of the module's sockets, here: the experiment drives them itself."""

import contextlib
import os
import re
import socket
import struct

from .experiment import Untried

WAIT_S = 10  # for what comes at once, if it comes
NOBODY = "192.0.2.1"  # an address that nobody has: RFC 5737 keeps it for examples
_SERVER_PORT = 5005  # of the module


# connections of the module ---------------------------------------------------------------------
@contextlib.contextmanager
def connected(bench):
    """Connect the module to this computer by TCP; yields (id, this end, a socket)."""
    with socket.create_server(("", 0)) as listener:
        listener.settimeout(WAIT_S)
        port = listener.getsockname()[1]
        bench.around.reach(port)
        with bench.socket(port) as number, _accepted(listener) as peer:
            peer.settimeout(WAIT_S)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield number, peer


def _accepted(listener):
    try:
        return listener.accept()[0]
    except OSError:
        raise Untried("the module says that it has connected, and nothing came here") from None


@contextlib.contextmanager
def datagrams(bench):
    """Connect a UDP socket of the module to one of this computer; yields (id, this end)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("", 0))
        peer.settimeout(WAIT_S)
        port = peer.getsockname()[1]
        bench.around.reach(port, "u")
        with bench.socket(port, "u") as number:
            yield number, peer


def datagram(peer):
    """The next datagram of the module: (its size, where it comes from)."""
    try:
        data, sender = peer.recvfrom(4096)
    except OSError:
        raise Untried("the module says that it has sent a datagram, and none came here") from None
    return len(data), sender


@contextlib.contextmanager
def silent(bench):
    """A port of this computer that answers nothing, because too many wait there; yields it.
    Untried if this computer answers all the same."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("", 0), backlog=0))
        port = listener.getsockname()[1]
        for _ in range(16):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0.3)
            try:
                waiting.connect(("127.0.0.1", port))
            except socket.timeout:
                break
            except OSError:
                raise Untried("this computer refuses where it should be silent") from None
        else:
            raise Untried("this computer answers where it should be silent")
        bench.around.reach(port)
        yield port


def reset(peer):
    """Reset a connection."""
    form = "hh" if os.name == "nt" else "ii"
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(form, 1, 0))
    peer.close()


def exactly(peer, size):
    """Receive so many bytes; what has come if the rest does not come."""
    data = bytearray()
    with contextlib.suppress(OSError):
        while len(data) < size and (piece := peer.recv(size - len(data))):
            data += piece
    return bytes(data)


def here(bench):
    """Have the module in the network; this computer's address there. Untried if it is unknown."""
    bench.join()
    if bench.address is None:
        raise Untried("this computer's address in the module's network is not known")
    return bench.address


# what the module has ----------------------------------------------------------------------------
def waiting(bench, which, query="SOCKQ"):
    """How many bytes wait in a socket of the module; None if it does not tell. which: an id; with
    SOCKDQ "<server>,<client>"."""
    count = bench.line.say(f"{query}={which}").value(r"Query:(\d+)")
    return None if count is None else int(count)


def arrived(bench, which, size, query="SOCKQ"):
    """Wait until so many bytes wait in a socket of the module; Untried if they do not come."""
    end = bench.line.now() + WAIT_S * 1000
    while bench.line.now() < end:
        if (waiting(bench, which, query) or 0) >= size:
            return
        bench.line.listen(0.2)
    raise Untried(f"{size} bytes did not arrive")


def emptied(bench, number):
    """Read all that waits in a socket of the module; return how many bytes that was."""
    got = 0
    while left := waiting(bench, number):
        while left > 0:
            said = bench.line.say(f"SOCKR={number},{min(left, 730)}")
            read = int(said.value(r"Reading:(\d+)") or 0)
            if not read:
                return got
            got, left = got + read, left - read
    return got


def taken(bench, number, size):
    """Read so many bytes of a socket of the module as they come; Untried if they do not come."""
    end = bench.line.now() + WAIT_S * 1000
    while bench.line.now() < end:
        bench.line.listen(0.5)
        size -= emptied(bench, number)
        if size <= 0:
            return
    raise Untried(f"{size} bytes did not arrive")


def resynchronise(bench):
    """Have the console at the beginning of a line, after a payload whose command was refused."""
    bench.line.send(b"\r")
    bench.line.listen(0.5)


# servers of the module --------------------------------------------------------------------------
@contextlib.contextmanager
def serving(bench, kind="t"):
    """A server of the module; yields (its id, the address where this computer reaches it)."""
    bench.join()
    said = bench.done(f"SOCKDON={_SERVER_PORT},{kind}")
    server = said.value(r"AT-S\.On:(\d+)")
    if server is None:
        raise Untried("SOCKDON did not tell the server's number")
    try:
        yield server, bench.around.towards(bench.status("ip_ipaddr"), _SERVER_PORT)
    finally:
        _stop(bench, server)


@contextlib.contextmanager
def client(where):
    """A connection of this computer to a server of the module; yields it. Untried if there is no
    way there."""
    try:
        connection = socket.create_connection(where, WAIT_S)
    except OSError as e:
        raise Untried(f"this computer does not reach the module at {where[0]}: {e}") from None
    with connection:
        yield connection


def _stop(bench, server):
    if bench.line.say(f"SOCKDC={server}").error != 77:
        return
    for number in range(8):
        bench.line.say(f"SOCKDR={server},{number},0")
        bench.line.say(f"SOCKDC={server},{number}")
    bench.line.say(f"SOCKDC={server}")


def fitting(bench, name, seen, readings):
    """The reading of a point that fits what was seen; None, and a note, if none does.

    readings: {what is seen: reading}.
    """
    if seen in readings:
        return readings[seen]
    bench.note(f"{name}: {seen}")
    return None


def told(**found):
    """What an experiment returns: the readings that were found, those that are not None."""
    return {name: reading for name, reading in found.items() if reading is not None}


def ending(said):
    """How a reply ended: "ok", the number of its error, or its last line."""
    return "ok" if said.ok else said.error or said.end or "no answer"


def first_line(said):
    """What stands behind the keyword of the first information line; None without one."""
    found = re.search(r"AT-S\.(?!OK|ERROR)[^:\r\n]*:([^\r\n]*)", said.text)
    return found[1] if found else None
