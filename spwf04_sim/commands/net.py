"""Client sockets, and HTTPGET as far as the field reports show it. [g, j]"""

from ..net import Refused, TlsLink
from ..sockets import Client
from ..trust import verify
from . import command


def _client(module, text):
    if not text.isdigit() or int(text) > 7:
        return None
    return module.sockets_area.clients[int(text)]


@command("SOCKON", 2, 4)
def sockon(module, host, port, local, kind):
    if not port.isdigit() or not 0 < int(port) < 65536:
        return 7
    if module.wifi.ip is None:
        return 44
    sockets = module.sockets_area
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
    module.line(f"AT-S.On:{ip}:{n}")
    return None


def connect(module, host, port, kind):
    """Resolve, connect and, unless kind is t or u, secure; (link, ip, None) or (…, error)."""
    timing = module.timing
    yield timing.dns
    ip = module.world.resolve(host)
    if ip is None:
        return None, None, 65
    target = module.world.target(ip, port)
    yield timing.tcp
    if target is None:
        return None, ip, 74
    link = module.sockets_area.link(target, kind == "u")
    end = module.clock.now() + 10
    yield lambda: link.ready() or link.failed or module.clock.now() > end
    if link.failed or not link.ready():
        link.close()
        return None, ip, 74
    if kind in ("t", "u"):
        return link, ip, None
    secured, error = yield from _secure(module, link, host, kind)
    return secured, ip, error


def _secure(module, link, host, kind):
    name = None if kind == "s" else kind
    quirks = module.quirks

    def check(chain):
        verify(chain, name, module.flash, quirks, module.time)

    yield module.timing.tls
    secured = TlsLink(link, name or host, check)
    refused = []
    end = module.clock.now() + 20

    def go_on():
        try:
            return secured.handshake() or secured.failed or module.clock.now() > end
        except Refused as e:
            refused.append(e.number)
            return True

    yield go_on
    if refused:
        module.line(f"AT-S.Certificate Error:{refused[0]}")
        link.close()
        return None, quirks.tls_error
    if not secured.done:
        link.close()
        return None, quirks.tls_error
    show = quirks.tls_info_lines
    if show == "always" or (show == "first" and not module.tls_loaded):
        if quirks.skip_ca:
            module.line("AT-S.Skip CA")
        module.line(f"AT-S.Loading:1:{2 if module.flash.slot.get('ca') else 1}")
    module.tls_loaded = True
    return secured, None


def _check_write(module, n, size):
    client = _client(module, n)
    if client is None:
        return 76
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
    module.line(f"AT-S.Query:{len(client.buffer)}")
    return None


@command("SOCKR", 1, 2)
def sockr(module, n, size):
    client = _client(module, n)
    if client is None:
        return 76
    quirks = module.quirks
    if size and not size.isdigit():
        return 7
    there = len(client.buffer)
    asked = int(size) if size else 0
    if there == 0 and quirks.sockr_empty == "error":
        return 7
    if asked > there and quirks.sockr_beyond == "error":
        return 7
    give = min(asked or there, there)
    if quirks.sockr_surplus and asked and give < there:
        give = min(there, give + 3)
    data = bytes(client.buffer[:give])
    del client.buffer[:give]
    second = {"pending": there, "left": there - give, "same": give}[quirks.reading_second]
    module.line(f"AT-S.Reading:{give}:{second}")
    module.emit(data)
    return None


@command("SOCKC", 1, 1)
def sockc(module, n):
    client = _client(module, n)
    if client is None:
        return 76
    if client.buffer:
        return 77
    client.link.close()
    module.sockets_area.clients[int(n)] = None
    return None


@command("SOCKL")
def sockl(module):
    for n, client in enumerate(module.sockets_area.clients):
        if client is not None:
            more = f":{int(client.connected)}:{client.kind}:{len(client.buffer)}:{client.ip}:"
            more += str(client.port)
            module.line(f"AT-S.List::{n}" + (more if module.quirks.sockl_fields == "all" else ""))


@command("HTTPGET", 1, 8)
def httpget(module, host, path, port, tls, user, password, down, up):
    """Status line, then the body as it comes, chunks and all. [T2]"""
    if module.wifi.ip is None:
        return 44
    secure = tls not in ("", "0")
    number = int(port) if port.isdigit() else 443 if secure else 80
    link, _, error = yield from connect(module, host, number, host if secure else "t")
    if error:
        if error != 65:
            refused = module.world.target(module.world.resolve(host), number) is None
            module.line(f"AT-S.Http Client Error:{1 if refused else 2}")
            return 111
        return error
    link.send(f"GET /{path.lstrip('/')} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = bytearray()
    silent = [module.clock.now() + 3]

    def ended():
        while (data := link.receive(4096)) is not None:
            if data == b"":
                return True
            answer.extend(data)
            silent[0] = module.clock.now() + 0.5
        return module.clock.now() > silent[0]

    yield ended
    link.close()
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1].decode() if head.startswith(b"HTTP/") else ""
    if not status.isdigit():
        module.line("AT-S.Http Client Error:2")
        return 111
    module.line("AT-S.Http Server Status Code:" + status)
    if int(status) >= 400:
        module.line("AT-S.Http Server Error:" + status)
    if down:
        key = module.flash.locate(down, 2)
        module.flash.files[key] = bytearray(body)
    else:
        module.emit(body)
    return None
