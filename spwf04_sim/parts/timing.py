"""How long a module takes for what it does."""

from dataclasses import dataclass


@dataclass
class Timing:
    """How long the module takes, in ms. baud: line rate to be modelled
    (another than 115200 is saved in console_speed), None for no limit."""

    reset_to_wind1: float = 150
    wind1_to_console: float = 250
    console_to_radio: float = 350
    turnaround: float = 3
    scan: float = 1500
    join: float = 400
    dhcp: float = 500
    dns: float = 40
    tcp: float = 20
    tls: float = 900
    retry: float = 1000
    flash: float = 40
    baud: "int | None" = None
    ping: float = 12
    update: float = 25000

    @classmethod
    def fast(cls, baud=None):
        """Everything within a few ms, for tests in real time."""
        return cls(4, 3, 3, 0.2, 3, 2, 3, 1, 1, 1, 50, 0.5, baud, 1, 20)
