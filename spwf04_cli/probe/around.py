"""What only a hand can do: asked of a person, or done in a simulated world."""

import contextlib
import pathlib
import tempfile

from spwf04_sim import firmware_image
from spwf04_sim.parts.ota import contents

from .experiment import Untried

_IMAGE = "SPWF04S.ota"
_PHONE = "02:00:00:5A:17:01"  # the address of a simulated one


class Around:
    """What is around the module. Each method does one thing by hand, and returns when it is done.
    Untried if nobody does it. This class is for nobody."""

    def reach(self, port, kind="t"):
        """Let the module reach a port of this computer: a person's firewall, a simulated world's
        route."""

    def access_point(self, on, **what):
        """Switch an access point on, or off. what: as AccessPoint of the simulated module has it:
        ssid, password, hidden, lease …"""
        raise Untried("nobody is there to change the network")

    def press(self, pin, level):
        """Put a level, 0 or 1, on a pin of the module."""
        raise Untried("nobody is there to put a level on a pin")

    def switch(self, on):
        """Switch the module's power on, or off."""
        raise Untried("nobody is there to switch the module off")

    def station(self, ssid, password):
        """Have a phone join the module's own network, or try to; it knows this password."""
        raise Untried("nobody is there to join the module's network")

    def station_leaves(self):
        """Have that phone leave."""
        raise Untried("nobody is there to leave the module's network")

    def enterprise(self, ssid, user, password, ca, server):
        """Switch a network with WPA2-Enterprise (PEAP) on. ca, server: the Certified of its
        authentication server's CA, and of the server itself."""
        raise Untried("nobody is there to set up WPA2-Enterprise")

    def cable(self, plugged):
        """Plug this computer into the network, or pull its cable: its servers are gone without
        a word."""
        raise Untried("nobody is there to pull this computer's cable")

    def firmware(self):
        """A firmware image for this module, bytes."""
        raise Untried("nobody is there who has a firmware image")

    def towards(self, ip, port):
        """The address, (host, port), where this computer reaches a server of the module. ip: of
        the module."""
        return ip, port


class Person(Around):
    """Somebody at the bench. ask(text): shows what to do, and returns True once it is done."""

    def __init__(self, ask):
        self._ask = ask
        self._kept = None

    def _do(self, text):
        if not self._ask(text):
            raise Untried("left out by hand: " + text)

    def access_point(self, on, **what):
        """As Around's."""
        how = ", ".join(_in_words(name, value) for name, value in what.items())
        self._do(f"Switch an access point {'on' if on else 'off'}: {how}")

    def press(self, pin, level):
        """As Around's."""
        self._do(f"Connect GPIO{pin} with {'3.3 V' if level else 'ground'}")

    def switch(self, on):
        """As Around's."""
        self._do(f"Switch the module {'on' if on else 'off'}")

    def station(self, ssid, password):
        """As Around's."""
        key = f"the password {password}" if password else "no password"
        self._do(
            f"Join the network {ssid} by a phone, with {key}. It may fail: then wait until the "
            "phone says so"
        )

    def station_leaves(self):
        """As Around's."""
        self._do("Have the phone leave that network, and forget it")

    def enterprise(self, ssid, user, password, ca, server):
        """As Around's."""
        self._kept = tempfile.TemporaryDirectory(prefix="spwf04-probe-")  # until the end
        folder = pathlib.Path(self._kept.name)
        (folder / "ca.pem").write_bytes(ca.pem)
        (folder / "server.pem").write_bytes(server.pem + server.key_pem)
        self._do(
            f"Switch a network {ssid} with WPA2-Enterprise on (PEAP, MSCHAPv2), with the user "
            f"{user}, password {password}. Its RADIUS server shows {folder / 'server.pem'}; the "
            f"CA is {folder / 'ca.pem'}"
        )

    def cable(self, plugged):
        """As Around's."""
        if plugged:
            self._do("Plug this computer into the network again, or switch its Wi-Fi on")
        else:
            self._do(
                "Pull this computer's network cable, or switch its Wi-Fi off; not if the module's "
                "serial line comes through it"
            )

    def firmware(self):
        """As Around's."""
        self._do(f"Copy a firmware image of ST for the SPWF04S into this folder, as {_IMAGE}")
        try:
            image = pathlib.Path(_IMAGE).read_bytes()
        except OSError as e:
            raise Untried(f"{_IMAGE} cannot be read: {e.strerror}") from None
        if contents(image) is None:
            raise Untried(f"{_IMAGE} is damaged, encrypted, or no firmware of an SPWF04S")
        return image


class Simulated(Around):
    """A simulated world, which does everything by itself. module: the SimulatedModule. address:
    what the module takes for this computer."""

    def __init__(self, module, address):
        self._module = module
        self._world = module.world
        self._address = address

    def reach(self, port, kind="t"):
        """As Around's."""
        self._world.route(self._address, port, ("127.0.0.1", port))

    def access_point(self, on, **what):
        """As Around's."""
        if on:
            self._world.add_access_point(**what)
        else:
            self._world.remove_access_point(what["ssid"])

    def press(self, pin, level):
        """As Around's."""
        self._module.pins.drive(pin, level)

    def switch(self, on):
        """As Around's."""
        if on:
            self._module.power_on()
        else:
            self._module.power_off()

    def station(self, ssid, password):
        """As Around's."""
        try:
            self._module.station_joins(_PHONE, password=password)
        except ConnectionRefusedError as e:
            raise Untried(str(e)) from None

    def station_leaves(self):
        """As Around's."""
        with contextlib.suppress(ValueError):  # it did not get in
            self._module.station_leaves(_PHONE)

    def enterprise(self, ssid, user, password, ca, server):
        """As Around's."""
        self._world.add_access_point(ssid, users={user: password}, ca=ca.der)

    def cable(self, plugged):
        """As Around's."""
        if not plugged:
            self._module.socket_table.vanish()

    def firmware(self):
        """As Around's."""
        return firmware_image(self._module.firmware)

    def towards(self, ip, port):
        """As Around's."""
        if port not in self._world.listening:
            raise Untried(f"the module does not listen on {port}")
        return self._world.listening[port]


def _in_words(name, value):
    """What an access point is to be like, for a person."""
    words = {
        ("lease", None): "without a DHCP server",
        ("hidden", True): "that hides its name",
        ("password", None): "without a password",
    }
    named = {"ssid": f"of the name {value}", "rssi": f"received with {value} dBm"}
    return words.get((name, value)) or named.get(name) or f"{name} {value}"
