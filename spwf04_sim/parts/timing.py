"""How long a module takes for what it does."""

from dataclasses import dataclass


@dataclass
class Timing:
    """How long a module takes, in ms.

    baud: the line rate that is modelled, in bit/s; None for a line without delay. A rate other
    than 115200 is saved in console_speed. dhcp_timeout: how long the module asks for a lease; None
    for what ip_dhcp_timeout says.
    """

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
    page: float = 4  # of its web server, for a piece of 1460 bytes
    dhcp_timeout: "float | None" = None
    give_up: float = 60000  # TCP waits so long for a peer that acknowledges nothing. GUESS

    @classmethod
    def fast(cls, baud=None):
        """Return a Timing of a few ms for everything, for tests in real time; baud as above."""
        return cls(
            reset_to_wind1=4,
            wind1_to_console=3,
            console_to_radio=3,
            turnaround=0.2,
            scan=3,
            join=2,
            dhcp=3,
            dns=1,
            tcp=1,
            tls=1,
            retry=50,
            flash=0.5,
            baud=baud,
            ping=1,
            update=20,
            page=0.2,
            dhcp_timeout=20,
        )
