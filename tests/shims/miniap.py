"""What a scenario can do in the network that the module makes itself."""

_MAC = "02:00:00:00:00:%02X"


class MiniAp:
    """Part of the Controller; its module is that one's."""

    def made_network(self):
        """(name, key) of the network that the module makes; the key is b"" for an open one, and
        all is [] while there is none."""
        miniap = self.module.wifi.miniap
        return [miniap.beacon, miniap.key or b""] if miniap.running else []

    def station_comes(self, n, password):
        """Have station n want to join; return whether it gets in. password b"": none."""
        try:
            return self.module.station_joins(_MAC % n, password=password or None) is not None
        except ConnectionRefusedError:
            return False

    def station_leaves(self, n):
        """Have station n leave."""
        self.module.station_leaves(_MAC % n)

    def quiet_station_comes(self, n, password):
        """As station_comes(); it sends nothing then."""
        self.module.station_joins(_MAC % n, password=password or None, quiet=True)

    def opens_its_network(self):
        """Have the module make an open network, whatever its settings say. [k.15]"""
        self.module.wifi.miniap.closed = lambda cold: False

    def firmware_is(self, version, build):
        """Restart with another firmware."""
        self.module.firmware, self.module.version = build, version
        self.module.restart()

    def lose_memory(self, size):
        """Have the module lose memory, as firmware 1.1.0 does when its network ends. [k.15]"""
        self.module.wifi.miniap.leaked = size

    def settings_written(self):
        """How often the module's settings were written to its flash since it was switched on."""
        return sum(line.startswith("AT+S.WCFG") for line in self.module.log)

    def lose_indication(self, number, times):
        """Lose indications of a number on their way to the host, so many."""
        wind = self.module.wind
        left = [times]

        def some(n, text=b""):
            if n == number and left[0]:
                left[0] -= 1
                return
            wind(n, text)

        self.module.wind = some
