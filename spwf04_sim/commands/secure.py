"""TLS as a client, for the commands that open connections. [h.2, h.4]"""

from ..parts.tlslink import Offer, Refused, TlsLink, own_identity
from ..parts.verify import verify


def tls_room(module):
    """How many more TLS connections to servers the module can have.

    Those of the HTTP, WebSocket and MQTT clients count too. [h.4]
    """
    # GUESS: that these count; no source has tried it
    return (2 if module.is_since("1.1.0") else 1) - module.tls.count


def awaiting(module, link, done):
    """Wait until done() says so. It reads from a link that is none of the user's sockets yet; a
    restart closes it."""
    module.socket_table.pending = link
    if link.fileno() is not None:
        module.clock.on_traffic()  # the server is about to answer
    yield done
    module.socket_table.pending = None


def secure(module, link, host, kind):
    """Make TLS over a link that is connected; a generator that returns (link, None), or
    (None, error number) and has closed it.

    kind: the name that the server's certificate must have; "s": none is checked.
    """
    quirks, only_rsa = module.quirks, not module.is_since("1.1.0")
    name = None if kind == "s" else kind
    if not (name or host).isascii():  # a byte of it was changed on the line
        link.close()
        return None, quirks.tls_error
    if tls_room(module) < 1:
        link.close()
        return None, quirks.tls_clients_error

    def check(chain):
        verify(chain, name, module.flash, quirks, module.time, only_rsa)

    yield module.timing.tls
    own = own_identity(module.flash)
    secured = TlsLink(link, name or host, check, own, Offer.of(quirks, only_rsa))
    refused = yield from _handshake(module, secured)
    if refused is not None:
        module.reply(f"AT-S.Certificate Error:{refused}")
    if refused is not None or not secured.done:
        link.close()
        return None, quirks.tls_error
    _show(module, secured, own)
    module.tls.add(secured)
    return secured, None


def _show(module, link, own):
    """Send the lines about certificates that were loaded, or skipped."""
    slot, quirks = module.flash.slot, module.quirks
    show = quirks.tls_info_lines
    if show == "always" or (show == "first" and not module.tls.loaded):
        # GUESS: one for each CA certificate that the server sent [T2, T6]
        for _ in range(link.authorities if quirks.skip_ca else 0):
            module.reply("AT-S.Skip CA")
        for what in (1, 2, 3) if own else (1,):  # CA, own certificate, own key [h.6]
            module.reply(f"AT-S.Loading:{what}:{2 if slot.get('ca') else 1}")


def _handshake(module, link):
    """Go on with the handshake of a TlsLink until it ends; a generator that returns the number of
    a refusal, or None."""
    refused = []
    end = module.socket_table.open_until

    def ended():
        try:
            in_vain = module.wifi.ip is None or module.clock.now() > end
            return link.handshake() or link.failed or in_vain
        except Refused as e:
            refused.append(e.number)
            return True

    yield from awaiting(module, link, ended)
    return refused[0] if refused else None
