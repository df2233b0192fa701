"""Replies that lack what was asked for."""

import errno

import pytest

from spwf04 import SPWF04
from spwf04.errors import SPWF04Error
from tests.shims.script import FOUND, Script


@pytest.mark.parametrize(
    ("ask", "command", "reply"),
    [
        (SPWF04.time, "AT+S.TIME", "AT-S.Date:26.1.1\r\n"),
        (SPWF04.time, "AT+S.TIME", ""),
        (lambda radio: radio.rssi, "AT+S.PEERS=0,rx_rssi", ""),
        (lambda radio: radio.rssi, "AT+S.PEERS=0,rx_rssi", "AT-S.Var:0.rx_rssi=x\r\n"),
        (lambda radio: radio.mac_address, "AT+S.GCFG=nv_wifi_macaddr", ""),
        (
            lambda radio: radio.mac_address,
            "AT+S.GCFG=nv_wifi_macaddr",
            "AT-S.Var:nv_wifi_macaddr=00:x1\r\n",
        ),
    ],
)
def test_a_reply_that_does_not_tell_it_is_an_error_of_the_driver(ask, command, reply):
    script = Script(*FOUND, f"> {command}\r", f"< {reply}AT-S.OK\r\n")
    radio = SPWF04(script, clock=script.clock)
    with pytest.raises(SPWF04Error, match="the module's reply does not tell its") as caught:
        ask(radio)
    assert (caught.value.errno, caught.value.remedy) == (errno.EIO, "retry")
    assert script.done
