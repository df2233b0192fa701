"""Client sockets. [g]"""

from ..parts.sockets import Client
from ..parts.tlslink import Refused, TlsLink
from ..parts.verify import verify
from .registry import command


def _client(module, text):
    if not text.isdecimal() or int(text) > 7:
        return None
    return module.socket_table.clients[int(text)]


@command("SOCKON", 2, 4)
def sockon(module, host, port, local, kind):
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return 7
    if (
        local not in ("", "NULL")
        and not local.isdecimal()
        and module.quirks.local_port == "refused"
    ):
        return 7  # GUESS
    if module.wifi.ip is None:
        return 44
    sockets = module.socket_table
    if sockets.free() is None:
        if module.quirks.ninth_socket == "hang":
            yield lambda: False  # until a reset [T20]
        return 75
    kind = kind or "t"
    link, ip, error = yield from connect(module, host, int(port), kind)
    if error:
        return error
    n = sockets.free()
    sockets.clients[n] = Client(link, kind if kind in "tu" else "s", ip, int(port))
    module.reply(f"AT-S.On:{ip}:{n}")
    return None


def connect(module, host, port, kind):
    """Resolve a name and connect; with TLS unless kind is "t" or "u".

    A generator that returns (link, ip, None) or (None, ip or None, error number).
    """
    timing = module.timing
    yield timing.dns
    ip = module.world.resolve(host)
    if ip is None:
        return None, None, 65
    target = module.world.target(ip, port)
    yield timing.tcp
    if target is None:
        return None, ip, 74
    link = module.socket_table.link(target, kind == "u")
    end = module.clock.now() + 10
    yield lambda: link.ready() or link.failed or module.clock.now() > end
    if link.failed or not link.ready():
        link.close()
        return None, ip, 74
    if kind in ("t", "u"):
        return link, ip, None
    secured, error = yield from _secure(module, link, host, kind)
    return secured, ip, error


def awaiting(module, link, done):
    """Wait until done() says so. It reads from a link that is none of the user's sockets."""
    module.socket_table.pending = link
    yield done
    module.socket_table.pending = None


def _secure(module, link, host, kind):
    name = None if kind == "s" else kind
    if not (name or host).isascii():  # a byte of it was changed on the line
        link.close()
        return None, module.quirks.tls_error
    quirks = module.quirks

    def check(chain):
        verify(chain, name, module.flash, quirks, module.time)

    yield module.timing.tls
    slot = module.flash.slot
    own = module.flash.own()
    secured = TlsLink(link, name or host, check, own)
    refused = yield from _handshake(module, secured)
    if refused is not None:
        module.reply(f"AT-S.Certificate Error:{refused}")
    if refused is not None or not secured.done:
        link.close()
        return None, quirks.tls_error
    show = quirks.tls_info_lines
    if show == "always" or (show == "first" and not module.tls_loaded):
        # GUESS: one for each CA certificate that the server sent [T2, T6]
        for _ in range(secured.authorities if quirks.skip_ca else 0):
            module.reply("AT-S.Skip CA")
        for what in (1, 2, 3) if own else (1,):  # CA, own certificate, own key [h.6]
            module.reply(f"AT-S.Loading:{what}:{2 if slot.get('ca') else 1}")
    module.tls_loaded = True
    return secured, None


def _handshake(module, link):
    """Go on with the handshake of a TlsLink until it ends; a generator that returns the number of
    a refusal, or None."""
    refused = []
    end = module.clock.now() + 20

    def ended():
        try:
            return link.handshake() or link.failed or module.clock.now() > end
        except Refused as e:
            refused.append(e.number)
            return True

    yield from awaiting(module, link, ended)
    return refused[0] if refused else None


def _too_large(module, size):
    return size > 740 and module.quirks.large_chunks == "refused"  # GUESS: as low memory [k.1]


def _check_write(module, n, size):
    client = _client(module, n)
    if client is None:
        return 76
    if size.isdecimal() and _too_large(module, int(size)):
        return 91
    return None if client.connected else 78


@command("SOCKW", 2, 2, data=1, check=_check_write)
def sockw(module, n, size, data):
    client = _client(module, n)
    if client is None:
        return 76
    return None if client.link.send(data) else 79


@command("SOCKQ", 1, 1)
def sockq(module, n):
    client = _client(module, n)
    if client is None:
        return 76
    module.reply(f"AT-S.Query:{len(client.buffer)}")
    return None


@command("SOCKR", 1, 2)
def sockr(module, n, size):
    return read(module, _client(module, n), size)


def read(module, client, size):
    """Send Reading:<n>:<m> and n bytes. size: text, how many are wanted; "" or 0: all. [g.3]"""
    if client is None:
        return 76
    quirks = module.quirks
    if size and not size.isdecimal():
        return 7
    there = len(client.buffer)
    asked = int(size) if size else 0
    if there == 0 and quirks.sockr_empty == "error":
        return 7
    if asked > there and quirks.sockr_beyond == "error":
        return 7
    if _too_large(module, asked):
        return 91
    give = min(asked or there, there)
    if quirks.sockr_surplus and asked and give < there:
        give = min(there, give + 3)
    data = bytes(client.buffer[:give])
    del client.buffer[:give]
    second = {"pending": there, "left": there - give, "same": give}[quirks.reading_second]
    module.reply(f"AT-S.Reading:{give}:{second}")
    module.payload(data)
    return None


@command("SOCKC", 1, 1)
def sockc(module, n):
    client = _client(module, n)
    if client is None:
        return 76
    if client.buffer:
        return 77
    client.link.close()
    module.socket_table.clients[int(n)] = None
    return None


@command("SOCKL")
def sockl(module):
    for n, client in enumerate(module.socket_table.clients):
        if client is not None:
            more = f":{int(client.connected)}:{client.kind}:{len(client.buffer)}:{client.ip}:"
            more += str(client.port)
            module.reply(f"AT-S.List::{n}" + (more if module.quirks.sockl_fields == "all" else ""))
