"""A joined module on a virtual clock, and somebody who types commands."""

import re

from spwf04_sim import Flash, SimulatedModule, Timing, VirtualClock, World

_SAVED = {"wifi_ssid": "net", "wifi_wpa_psk_text": "secret12", "ip_use_v6": "0"}
_END = re.compile(rb"AT-S\.(OK|ERROR:[^\r]*)\r\n")


class Talk:
    """A module that has joined a network, its echo off. more: as SimulatedModule has them."""

    def __init__(self, quirks=None, timing=None, clock=None, **more):
        self.clock = clock or VirtualClock(longest=100)
        self.world = World()
        self.world.add_access_point("net", "secret12")
        self.module = SimulatedModule(
            self.world,
            quirks=quirks,
            clock=self.clock,
            timing=timing or Timing.fast(),
            flash=Flash(saved=dict(_SAVED)),
            **more,
        )
        self.heard = bytearray()
        self.module.power_on()
        self.until(b"+WIND:24:")
        self.say("AT+S.SCFG=console_echo,0")

    def wait(self, seconds):
        """Let time pass; return what the module says meanwhile."""
        self.clock.on_traffic()  # a server of the test may have sent something
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            self.clock.idle()
            self.heard += self.module.transmit()
        heard, self.heard = bytes(self.heard), bytearray()
        return heard

    def until(self, word, seconds=120):
        """Wait for bytes; return what the module has said up to the end of their line."""
        self.clock.on_traffic()
        end = self.clock.now() + seconds
        while (at := self.heard.find(word)) < 0 or (stop := self.heard.find(b"\n", at)) < 0:
            assert self.clock.now() < end, (word, bytes(self.heard))
            self.clock.idle()
            self.heard += self.module.transmit()
        heard = bytes(self.heard[: stop + 1])
        del self.heard[: stop + 1]
        return heard

    def say(self, line, data=b"", seconds=120):
        """Send a command line and data; return all that comes, to the final line."""
        self.module.receive(line.encode() + b"\r" + data)
        end = self.clock.now() + seconds
        while (found := _END.search(self.heard)) is None:
            assert self.clock.now() < end, (line, bytes(self.heard))
            self.clock.idle()
            self.heard += self.module.transmit()
        heard = bytes(self.heard[: found.end()])
        del self.heard[: found.end()]
        return heard

    def file(self, name, data):
        """Put a file on the RAM disk."""
        self.module.flash.files[2, name] = bytearray(data)

    def content(self, name):
        """Return the bytes of a file on the RAM disk."""
        return bytes(self.module.flash.files[2, name])
