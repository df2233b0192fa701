"""Module and world as a log tells of them, and what happens to them from outside."""

import datetime
import re

from ..module.module import SimulatedModule
from ..parts.flash import Flash
from ..parts.timing import Timing
from ..texts import is_ipv4
from ..world.clock import VirtualClock
from ..world.world import World
from . import certificates
from .past import KEY, SSID, key_fits, past_of, secure
from .servers import Server
from .steps import DATA, WIND

_ELSEWHERE = "93.184.216.34"
_HOST = "recorded.example"
_IDENTIFIER = re.compile(r"(?:[0-9A-Fa-f]{2}:?){20}")


class Scene:
    """A module as Steps tell of it, on a virtual clock, and its world."""

    def __init__(self, steps, quirks):
        self.steps = steps
        self.past = past = past_of(steps)
        self.clock = VirtualClock(longest=20)
        self.clock.no_real_servers()
        self.world = World()
        self.world.access_points = past.points
        self._servers = {}  # id of a socket: the Server at its other end
        self._clients = {}  # (server, client): the Server that is a client of the module
        self._stations = set()
        self._made = []  # Servers of the command that runs
        self._said = {}  # id of a socket: how many bytes its Server has sent
        self._identifier = b"\1" * 20  # of the CA that is on the module
        flash = Flash(saved=dict(past.saved), radio_off=past.state == "off")
        flash.files = {key: bytearray(b"." * n) for key, n in past.files.items()}
        if past.trusted:
            flash.slot["ca"] = certificates.authority(self._identifier, 1000)
        if past.own:
            flash.slot["cert"], flash.slot["key"] = certificates.own()
        self.module = SimulatedModule(
            self.world,
            quirks=quirks,
            clock=self.clock,
            timing=Timing(),
            flash=flash,
            variant=past.variant,
            firmware=past.firmware,
            variables=dict(past.variables),
        )

    # the beginning ---------------------------------------------------------------------------
    def begin(self):
        """Bring the module to where the log begins."""
        module, past = self.module, self.past
        self._key_fits(past.state == "joined")
        self._expect(0, 0)
        if past.factory:
            module.on = True
            module.restart("factory")
        else:
            module.power_on()
        if past.powered or (past.state == "joining" and self.steps[0].said):
            return  # what it says before the log's first line does not count
        ready = {
            "joined": lambda: module.wifi.ip is not None,
            "off": lambda: module.booted,
        }.get(past.state, lambda: module.wifi.started)
        self._until(ready)
        for n in range(past.sockets):
            self.world.route(_HOST, 80, self._server)
            module.receive(b"AT+S.SOCKON=%s,80,,t\r" % _HOST.encode())
            self._until(lambda: not module.busy)
            if self._made:
                self._servers[str(n)] = self._made.pop()
        module.tls.loaded = past.loaded
        module.transmit()

    def _until(self, ready, seconds=60):
        end = self.clock.now() + seconds
        while not ready() and self.clock.now() < end:
            self.clock.idle()
            self.module.transmit()

    # before a command ------------------------------------------------------------------------
    def prepare(self, step):
        """Let the world be as the reply to a command shows it. Return the data that go behind the
        command."""
        self._made = []
        if step.name == "PING":
            self._host(step.argument(2), None, step.ok)
            failed = not step.ok or any("imeout" in line for line in step.lines)
            address = self.world.resolve(step.argument(2))
            (self.world.deaf.add if failed else self.world.deaf.discard)(address)
        elif step.argument(0) and step.name in ("SOCKON", "HTTPGET", "HTTPPOST", *_OPENING):
            self._opening(step)
        elif step.name in ("SOCKR", "SOCKQ"):
            self._fill(step)
        elif step.name == "SOCKC" and step.error == 77:
            self._least(step.argument(0), 1)
        return self._data(step)

    def _host(self, host, address, known):
        if not known:
            self.world.hosts.pop(host.lower(), None)
        elif not is_ipv4(host):
            self.world.hosts[host.lower()] = address or self.world.resolve(host) or _ELSEWHERE

    def _opening(self, step):
        host, port = step.argument(0), step.argument(1)
        if step.name not in ("SOCKON", *_OPENING):
            tls = step.argument(3) not in ("", "0")
            port = step.argument(2) or ("443" if tls else "80")
        address = (step.reply("On") or "").rpartition(":")[0]
        self._host(host, address if is_ipv4(address) else None, step.error != 65)
        if step.error == 65 or not port.isdecimal():
            return
        ip = self.world.resolve(host)
        self.world.routes.pop((ip, int(port)), None)
        name = secure(step)
        refused = step.reply("Certificate Error")
        nobody = step.error and not refused and step.reply("Http Client Error") in (None, "1")
        if nobody or step.error in (7, 44, 75):
            return
        context = None
        if name is not None:
            context = self._context(step, name or host, refused)
        answer = self._answer(step)
        self.world.route(ip, int(port), lambda: self._server(context, answer))

    def _server(self, context=None, answer=b""):
        self._made.append(Server(context, answer))
        return self._made[-1]

    def _context(self, step, name, refused):
        skipped = sum(line == "AT-S.Skip CA" for line in step.lines)
        error = int(refused) if refused and refused.isdecimal() else 0
        if step.error and not refused:
            return None  # it does not speak TLS
        return certificates.server(name, self._identifier, skipped, error)

    def _answer(self, step):
        status = step.reply("Http Server Status Code")
        if status is None:
            return b""
        body = b"".join(s.data or b"." * s.n for s in step.said if s.kind == DATA)
        return f"HTTP/1.1 {status} Recorded\r\n\r\n".encode() + body

    def _fill(self, step):
        """Let as much have arrived in a socket as its reply shows."""
        there = step.reply("Query") or (step.reply("Reading") or "").split(":")[0]
        if there.isdecimal():
            self._least(step.argument(0), int(there))

    def _least(self, n, size):
        client = self.module.sockets[int(n)] if n.isdecimal() and int(n) < 8 else None
        server = self._servers.get(n)
        if client is not None and server is not None and client.connected:
            coming = len(client.buffer) + len(server.outgoing)
            if coming < size:
                self._say(n, size - coming)

    def _say(self, n, size):
        """Have the server of a socket send the bytes that are read from it in the log."""
        at = self._said.get(n, 0)
        self._said[n] = at + size
        self._servers[n].say(_content(self.steps, n)[at:].ljust(size, b".")[:size])

    def _data(self, step):
        if step.form is None or not step.form.data or step.fill:
            return step.sent or b""
        if step.announced == 0 and step.sent is None and step.error:
            return b""  # refused before its data came
        known = (step.sent or b"").ljust(step.form.data, b".")[: step.form.data]
        text = (step.reply("SubjectKeyId") or "").replace(":", "")
        if step.name == "FSC" and step.argument(0).lower().endswith(".ca"):
            text = step.argument(0).rpartition("/")[2][:-3].replace(":", "")
        if _IDENTIFIER.fullmatch(text):
            pem = known.startswith(b"-----BEGIN")
            made = certificates.authority(bytes.fromhex(text), step.form.data, pem)
            if made is not None:
                self._identifier = bytes.fromhex(text)
                return made
        return known

    # after a command -------------------------------------------------------------------------
    def done(self, step):
        """Take note of what a command has come to in the log."""
        on = step.reply("On") if step.name == "SOCKON" else None
        if on is not None and self._made:
            n = on.rpartition(":")[2]
            self._servers[n] = self._made[-1]
            self._said[n] = 0
        if step.name == "TLSCERT" and step.ok and step.argument(0).lower() in ("cert", "key"):
            which = step.argument(0).lower() == "key"
            self.module.flash.slot[step.argument(0).lower()] = certificates.own()[which]

    # meanwhile -------------------------------------------------------------------------------
    def happens(self, index, at):
        """Let happen what the indication steps[index].said[at] tells of, if it comes from
        outside."""
        step = self.steps[index]
        said = step.said[at]
        self._expect(index, at)
        act = _EVENTS.get(said.number)
        if act is not None:
            act(self, index, at, said)

    def _expect(self, index, at):
        """Let the key fit, or not, as the next attempt to join shows it."""
        winds = [s for s in self.steps[index].said[at:] if s.kind == WIND]
        winds += [s for step in self.steps[index + 1 :] for s in step.said if s.kind == WIND]
        fits = key_fits(winds)
        if fits is not None:
            self._key_fits(fits)

    def _key_fits(self, fits):
        now = self.module.variables if self.module.booted else self.past.saved
        ssid = (now.get("wifi_ssid") or SSID).encode("utf-8", "surrogateescape")
        key = (now.get("wifi_wpa_psk_text") or KEY).encode("utf-8", "surrogateescape")
        for point in self.world.access_points:
            if point.ssid == ssid:
                point.password = key if fits else key + b" is wrong"

    def _data_came(self, index, at, said):
        server, client, size = [*said.fields, "", "", ""][:3]
        if not size.isdecimal():
            return
        if server:
            peer = self._clients.get((server, client))
            if peer is not None:
                peer.say(b"." * int(size))
        elif client in self._servers:
            self._say(client, int(size))

    def _closed(self, index, at, said):
        server = self._servers.get(said.fields[0]) if said.fields else None
        if server is not None:
            server.close()

    def _client_came(self, index, at, said):
        address, port, server, client = [*said.fields, "", "", "", ""][:4]
        listening = self.module.socket_table.servers
        if server.isdecimal() and int(server) < len(listening) and listening[int(server)]:
            self._clients[server, client] = peer = Server()
            self.module.visit(listening[int(server)].port, peer, (address, int(port)))

    def _client_went(self, index, at, said):
        peer = self._clients.get(tuple([*said.fields, "", "", "", ""][2:4]))
        if peer is not None:
            peer.close()

    def _station(self, index, at, said):
        mac = ":".join(said.fields[:6])
        later = [s for step in self.steps[index:] for s in step.winds(29)]
        ip = next((s.fields[0] for s in later if s.fields and mac in s.text), None)
        self._stations.add(mac)
        self.module.station_joins(mac, ip)

    def _lease(self, index, at, said):
        mac = ":".join(said.fields[1:7]) or "02:00:00:00:00:01"
        if mac not in self._stations and not any(s.winds(28) for s in self.steps[: index + 1]):
            self._stations.add(mac)
            self.module.station_joins(mac, said.fields[0] if said.fields else None)

    def _network_lost(self, index, at, said):
        self.module.drop_link()

    def _booted(self, index, at, said):
        step = self.steps[index]
        before = [s.number for s in step.said[:at]]
        if not index or step.name in ("RESET", "FWUPDATE", "PMS") or {0, 1, 2} & set(before):
            return
        if any(s.fields == ["1"] for s in step.winds(65)):
            self.module.restart("factory")
        elif 8 not in before and 6 not in before:
            self.module.reset_pin(0)
            self.module.reset_pin(1)

    def _crashed(self, index, at, said):
        self.module.restart("hardfault" if said.number == 8 else "watchdog")

    def _time_came(self, index, at, said):
        digits = [int(n) for n in re.findall(r"\d+", said.text.split(":", 2)[2])]
        try:
            moment = datetime.datetime(*digits[:3], *digits[-3:], tzinfo=datetime.timezone.utc)
        except (ValueError, TypeError):
            return
        if self.world.ntp is None and self.module.wifi.ip is not None:
            self.world.ntp = int(moment.timestamp())
            self.module.wifi.ntp()
        self.world.ntp = None


_OPENING = ("MQTTCONN", "WSOCKON", "SMTP", "TFTPGET", "TFTPPUT")
_EVENTS = {
    0: Scene._booted,
    1: Scene._booted,
    6: Scene._crashed,
    8: Scene._crashed,
    28: Scene._station,
    29: Scene._lease,
    33: Scene._network_lost,
    55: Scene._data_came,
    58: Scene._closed,
    61: Scene._client_came,
    62: Scene._client_went,
    84: Scene._time_came,
}


def _content(steps, n):
    """What is read from a socket in the whole log, as far as it is known; the rest is dots."""
    found = bytearray()
    for step in steps:
        if step.name == "SOCKR" and step.argument(0) == n:
            for said in step.said:
                if said.kind == DATA:
                    found += (said.data or b"").ljust(said.n, b".")[: said.n]
    return bytes(found)
