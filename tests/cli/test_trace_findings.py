"""spwf04 trace says what went wrong in a log and what to do, and nothing if all went well."""

import pytest

from spwf04_cli.advice import sentence
from spwf04_cli.reference import certificate
from spwf04_sim import Quirks
from tests.cli.logs import FORMS, Session, findings, joined, published, raw, started

SKI = "7fd365a7c2ddecbbf03009f3433" + "9fa02af333133"


def test_a_session_without_trouble_has_no_findings():
    session = joined()
    session.type("AT+S.SOCKON=www.example.com,80,,t")
    session.type("AT+S.SOCKW=0,4", b"ping")
    session.type("AT+S.SOCKR=0,31")
    session.type("AT+S.SOCKC=0")
    session.type("AT+S.RESET", wait=8)
    for form in FORMS:
        assert findings(FORMS[form](session.said)) == {}


# TLS ------------------------------------------------------------------------------------------
REFUSED = "AT+S.SOCKON=h.example,443,,h.example\nAT-S.Certificate Error:23\nAT-S.ERROR:74:\n"


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("", "no CA is put on the module"),
        (f"AT+S.FSC={SKI}.ca,900\nAT-S.OK\n", "the flash slot was not emptied"),
        (
            f"AT+S.TLSCERT=ca,900\nAT-S.SubjectKeyId:7F\nAT-S.OK\nAT+S.FSC={SKI}.ca,9\nAT-S.OK\n",
            "files are not looked at",
        ),
        (f"AT+S.FSC=/{SKI.upper()}.ca,900\nAT-S.OK\n", "must be in lower case"),
        ("AT+S.FSC=google.ca,900\nAT-S.OK\n", "40 hexadecimal digits"),
        ("AT+S.TLSCERT=ca,900\nAT-S.OK\n", "without a SubjectKeyId"),
        ("AT+S.TIME\nAT-S.Date:00.01.01:6\nAT-S.Time:00.00.12\nAT-S.OK\n", "the clock is not set"),
        ("+WIND:1:Poweron:171117-0328fe3-SPWF04S\n", "the clock is not set"),
        ("AT+S.WIFI=1\nAT-S.OK\n", "ask with AT+S.TIME"),
        (
            f"AT+S.FSC={SKI}.ca,900\nAT-S.OK\n+WIND:1:Poweron:171117-0328fe3-SPWF04S\n",
            "its RAM disk is empty",
        ),
    ],
)
def test_error_23_comes_with_its_likely_reasons(before, reason):
    found = findings(before + REFUSED)["certificate"]
    assert "h.example was not trusted: Certificate Error:23" in found.what
    assert any(reason in why for why in found.why)
    more = sentence("diagnose", host="h.example")
    assert found.do == f"{certificate(23, 'h.example')}. {more}"
    assert "spwf04 trust h.example" in found.do


@pytest.mark.parametrize(
    ("before", "excluded"),
    [
        ("AT+S.TLSCERT=content,2\nAT-S.OK\n", "flash slot"),
        ("AT+S.TIME=1730000000\nAT-S.OK\n", "clock"),
        ("+WIND:84:NTP Server delivery:2024.10.27:7:03.33.20\n", "clock"),
        (f"AT+S.FSC={SKI}.ca,900\nAT-S.OK\n", "no CA"),
        (f"AT+S.FSC={SKI}.ca,900\nAT-S.OK\n", "lower case"),
    ],
)
def test_what_was_done_is_no_reason(before, excluded):
    found = findings(before + REFUSED)["certificate"]
    assert not any(excluded in why for why in found.why)


def test_a_file_with_another_certificate_than_its_name_says_is_told():
    import trustme
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    ca = x509.load_pem_x509_certificate(trustme.CA().cert_pem.bytes())
    der = ca.public_bytes(Encoding.DER)
    upload = b"AT+S.FSC=%s.ca,%d\r" % (SKI.encode(), len(der)) + der + b"AT-S.OK\r\n"
    found = findings(upload + REFUSED.replace("\n", "\r\n").encode())["certificate"]
    assert any("holds the CA whose identifier is" in why for why in found.why)


def test_what_is_sent_as_a_ca_and_is_no_certificate_is_told():
    upload = b"AT+S.TLSCERT=ca,9\r<html></>AT-S.SubjectKeyId:7F\r\nAT-S.OK\r\n"
    found = findings(upload + REFUSED.replace("\n", "\r\n").encode())["certificate"]
    assert "what was sent as a CA is no certificate" in found.why


@pytest.mark.parametrize(("transcript_", "number"), [("t3_rsa4096", 22), ("t5_aws_mixed", 11)])
def test_chains_that_its_tls_cannot_take_are_told_as_the_driver_tells_them(transcript_, number):
    found = published(transcript_)["certificate"]
    assert f"Certificate Error:{number}" in found.what
    assert certificate(number) in found.do


def test_the_thread_that_began_it_all():
    found = published("t1_google")["certificate"]
    assert "no CA is put on the module in this recording" in found.why
    assert "error" not in published("t1_google")  # ERROR:111 only follows from it


def test_a_ca_file_that_will_not_be_found_is_told_before_it_fails():
    assert "ca-name" in findings(f"AT+S.FSC={SKI.upper()}.CA,900\nAT-S.OK\n")
    assert "flash-slot" in findings(f"AT+S.FSC={SKI}.ca,900\nAT-S.OK\n")
    cleared = f"AT+S.TLSCERT=content,2\nAT-S.OK\nAT+S.FSC={SKI}.ca,900\nAT-S.OK\n"
    assert findings(cleared) == {}


def test_a_name_that_is_not_checked_and_one_that_is_another():
    line = "AT+S.SOCKON=www.ssllabs.com,443,,%s\nAT-S.On:1.2.3.4:0\nAT-S.OK\n"
    assert "name-not-checked" in findings(line % "s")
    assert "ssllabs.com" in findings(line % "ssllabs.com")["server-name"].what
    assert findings(line % "www.ssllabs.com") == {}


def test_plain_data_to_a_port_for_tls_are_told_and_the_hosts_own_tls_is_not():
    head = b"AT+S.SOCKON=h.example,443,,t\r\nAT-S.On:1.2.3.4:0\r\nAT-S.OK\r\nAT+S.SOCKW=0,5\r"
    assert "plain" in findings(head + b"GET /AT-S.OK\r\n")
    assert "plain" not in findings(head + b"\x16\x03\x01\x00\x05AT-S.OK\r\n")


def test_a_refused_connection_is_told_apart_from_tls():
    found = published("t6_refused")
    assert "refused the connection" in found["refused-connection"].what
    assert list(published("t6_mutual")) == ["http", "ends"]


# Sockets --------------------------------------------------------------------------------------
def test_closing_with_unread_data():
    found = published("t23_pending")["pending-data"]
    assert "SOCKC=0" in found.what
    assert "SOCKR" in found.do


def test_a_ninth_socket_refused_or_hanging():
    session = joined()
    for _ in range(9):
        session.type("AT+S.SOCKON=www.example.com,80,,t")
    assert "8 were opened" in findings(raw(session.said))["too-many-sockets"].what
    alone = findings(b"AT+S.SOCKON=a.example,80,,t\r\nAT-S.ERROR:75:Too many sockets\r\n")
    assert alone["too-many-sockets"].what == "no socket was free"
    session = Session(
        {"wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse"},
        quirks=Quirks(ninth_socket="hang"),
    )
    session.power_on()
    session.wait(5)
    for _ in range(9):
        session.type("AT+S.SOCKON=www.example.com,80,,t")
    session.type("AT")
    assert "too-many-sockets" in findings(raw(session.said))


def test_a_connection_before_there_is_a_network():
    session = started()
    session.type("AT+S.SOCKON=www.example.com,80,,t")
    assert "WIND 24" in findings(raw(session.said))["not-joined"].do


def test_a_socket_that_its_peer_closed_and_nobody_else():
    text = "AT+S.SOCKON=h,80,,t\nAT-S.On:1.2.3.4:0\nAT-S.OK\n+WIND:58:Socket Closed:0:0\n"
    assert "SOCKC=0" in findings(text)["not-closed"].do
    assert findings(text + "AT+S.SOCKC=0\nAT-S.OK\n") == {}


# The network ----------------------------------------------------------------------------------
def test_a_wrong_password():
    session = Session({"wifi_ssid": "home", "wifi_wpa_psk_text": "wrong"})
    session.power_on()
    session.wait(10)
    assert "Check the password" in findings(raw(session.said))["refused"].do


def test_a_network_that_is_not_there():
    session = Session({"wifi_ssid": "elsewhere", "wifi_wpa_psk_text": "wrong"})
    session.power_on()
    session.wait(20)
    assert "2.4 GHz" in findings(raw(session.said))["not-found"].do


def test_no_address_from_dhcp():
    session = Session({"wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse"})
    session.module.world.access_points[0].lease = None
    session.power_on()
    session.wait(40)
    assert "DHCP" in findings(raw(session.said))["no-lease"].what


def test_a_network_that_is_lost():
    session = joined()
    session.module.drop_link()
    session.wait(2)
    assert "WIND 33" in findings(raw(session.said))["network-lost"].what


def test_an_access_point_that_is_open_though_it_was_not_meant_to_be():
    found = published("t8_miniap")
    assert "AT+S.FCFG" in found["open-access-point"].do
    assert found["radio-off"].weight == "warning"
    assert found["radio-off"].count == 2


def test_a_radio_that_was_off_already_is_no_fault():
    assert published("m_reference_session")["radio-off"].weight == "note"
