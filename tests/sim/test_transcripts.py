"""What published threads say that no log of the UART shows; recordings/ has what logs show."""

import trustme
from cryptography.hazmat.primitives.serialization import Encoding

from tests.sim.replay import Stage


def test_a_refused_server_gets_the_alert_certificate_unknown():
    """[T7]"""
    stage = Stage()
    stage.trusts(trustme.CA())
    stage.https("storage.example")
    stage.ask("AT+S.SOCKON=storage.example,443,,storage.example", "AT-S.Certificate Error:23")
    stage.server.wait_for_alert("certificate unknown")


def test_a_ca_may_come_as_pem_whose_length_counts_its_text():
    """[T25]"""
    stage = Stage()
    stage.trusts(trustme.CA())
    data, identifier = stage.ca_bytes(Encoding.PEM)
    stage.ask(f"AT+S.TLSCERT=ca,{len(data)}", f"AT-S.SubjectKeyId:{identifier}", data)
