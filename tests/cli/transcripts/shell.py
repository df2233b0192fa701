"""shell: as a script, and with a password."""

from tests.cli import at_port
from tests.cli.transcripts import Desk, transcript
from tests.shims.desk import simulated

REQUEST = """\
help SOCKON
SSIDTXT=home
SCFG=wifi_wpa_psk_text
correct horse
SCFG=wifi_priv_mode,2
wait 32
WIFI=0
WIFI=1
wait 24
SOCKON=echo.example,7,,t
SOCKW=0,?
hello\\r\\n
wait 55
SOCKC=0
SOCKR=0,
"""


@transcript("shell")
def shell():
    with at_port(simulated().module):
        # a terminal shows what is typed; a pipe does not
        typed = (r"(?m)^.*\n(?=(?:spwf04|wifi_wpa_psk_text|payload of SOCKW)> )", "")
        yield Desk(stdin=[REQUEST], replace=[typed])
