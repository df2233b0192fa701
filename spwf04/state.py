"""What the module tells of radio and network by itself: the part of SPWF04 that listens. [d]"""


class State:
    """What is known of the module. SPWF04 adds the calls that ask and change it.

    channel: ATChannel.
    """

    radio_up = None  # False from a restart until WIND 32, True since then; None: not known
    ip = None  # the address that the module told last; ipv4_address asks for it if need be
    _known = False  # whether ip is what the module told last
    _known_at = 0  # ATChannel.resyncs at that time
    clock_set = False  # True after set_time() or NTP
    stage = 0  # of a join: the last of WIND 19, 21, 25, 51; 0: none [b.2]
    pool = None  # the SocketPool of this radio, once there is one
    links = None  # services/links.Links, once a WebSocket or an MQTTClient was made
    ap = None  # an AccessPoint, while the module makes a network of its own: see start_ap()
    masks = None  # of indications, see services/printed.py
    leftovers = None  # files that calls have left on the module, see services/leftovers.py
    on_gap = ()  # handlers, called after a time in which indications were masked

    def __init__(self, channel):
        self.channel = channel
        self.indications = bytearray(96)  # how often each came since its count was set to 0
        channel.on_other_indication = self._on_indication
        channel.on_restart.append(self._on_restart)

    def _on_restart(self):
        self.radio_up = self.clock_set = False
        self.ap = None
        self.stage = 0
        self.told_down()

    def _on_indication(self, parser):
        n = parser.number(1)
        if n > 95:
            return
        counts = self.indications
        counts[n] = min(counts[n] + 1, 99)
        if n == 24:
            # IPv4 and IPv6 come in two lines; only IPv4 has dots [d, k.7]
            ip = parser.text().split(":")[-1]
            if "." in ip:
                self.told_address(ip)
        elif n in (19, 21, 25, 51):
            self.stage = n
            if n == 19:
                counts[35] = 0  # scans that did not find the network
        elif n in (33, 38, 40, 41):
            self.stage = 0
            self.ip = None
            if n == 38:
                self.ap = None
            if n < 40:
                self.told_down()
                if self.pool is not None:
                    self.pool.network_lost()
        elif n == 32:
            self.radio_up = True
        elif n == 84:
            self.clock_set = True
        elif self.ap is not None:
            self.ap.told(n, parser)

    def isconnected(self) -> bool:
        """True while the module has an IPv4 address, in a network of others or in its own.

        The module tells that by itself, so this sends nothing. But it asks once if the module was
        running before the driver, and after a failure of the line: LinkLost if no answer comes.
        """
        self.channel.poll()
        if self.is_in_doubt():
            from .commands.config import asking_address

            self.channel.take(asking_address(self))
        return self.ip is not None

    def is_in_doubt(self) -> bool:
        """True if it is not known whether the module is joined: nothing has told it, or what has
        may have been lost since. Sends nothing."""
        channel = self.channel
        return not self._known or channel.lost() or self._known_at != channel.resyncs

    def told_status(self, ip) -> None:
        """The module has answered which address it has, as str."""
        # GUESS sts_down_ip: what it answers while not joined is not known
        if ip and ip != "0.0.0.0":
            self.told_address(ip)
        else:
            self.told_down()

    def told_address(self, ip) -> None:
        """The module has told its address."""
        self.ip = ip
        self._known = True
        self._known_at = self.channel.resyncs

    def doubt_address(self) -> None:
        """What is known of its address may be wrong."""
        self._known = False

    def told_down(self) -> None:
        """The module has told that it is not joined."""
        self.ip = None
        self._known = True
        self._known_at = self.channel.resyncs

    def is_down(self) -> bool:
        """True if the module has told that it is not joined. Sends nothing."""
        return self._known and self.ip is None

    def doubt_network(self) -> None:
        """A command failed as it does without a network: isconnected() asks again."""
        self._known = False
        self.ip = None

    def indications_missed(self) -> None:
        """Indications were masked: what they would have told is asked for."""
        self.doubt_address()
        if self.pool is not None:
            self.pool.ask_soon()
        if self.links is not None:
            self.links.missed()
        for handler in self.on_gap:
            handler()
