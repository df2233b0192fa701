"""Joining by WPS and by login, and what the module tells of addresses and chance."""

from tests.shims.tlspeer import alike, day


def _ready(stage):
    stage.radio.get("nv_model")


def _pressed(stage):
    _ready(stage)
    point = stage.world.access_points[0]
    point.press_button()
    point.wps_pin = "12345670"


def _button(stage):
    stage.radio.connect(wps=True, timeout=20)


def _pin(stage):
    stage.radio.connect(wps="12345670", timeout=20)


def _company(stage):
    above = alike("The company")
    stage.world.add_access_point(
        "company",
        users={"alice": "wonder,land"},
        ca=alike("The CA").der,
        client_ca=above.der,
    )
    stage.radio.set_time(int(day(0).timestamp()))
    stage.client = alike("module", above, ("module.example",))
    stage.ca = alike("The CA").der
    stage.again = lambda: _login(stage)


def _login(stage):
    stage.radio.connect("company", "wonder,land", identity="alice", ca=stage.ca, timeout=20)


def _certified(stage):
    _company(stage)
    stage.again = lambda: _certificate(stage)


def _certificate(stage):
    stage.radio.connect(
        "company",
        identity="module",
        ca=stage.ca,
        cert=stage.client.pem,
        key=stage.client.key_pem,
        timeout=20,
    )


def _known(stage):
    _company(stage)
    _login(stage)
    stage.radio.disconnect()
    stage.radio.eap = None  # as a driver that has just started


def _forget(stage):
    stage.radio.forget_enterprise()


def _addresses(stage):
    stage.radio.ipv6_addresses()
    stage.radio.config("dhcp")
    stage.radio.ifconfig(("192.168.1.77", "255.255.255.0", "192.168.1.1", "192.168.1.1"))
    stage.radio.ifconfig("dhcp")


def _random(stage):
    stage.radio.random(6)


EXCHANGES = {
    "joining, plain: WPS button": (_pressed, _button, b""),
    "joining, plain: WPS PIN": (_pressed, _pin, b""),
    "joining, TLS: login": (_company, _login, b""),
    "joining, TLS: login by certificate": (_certified, _certificate, b""),
    "joining, TLS: login, known": (_known, _login, b""),
    "joining, TLS: forget": (_known, _forget, b""),
    "joining, plain: addresses": (_ready, _addresses, b""),
    "joining, plain: random": (_ready, _random, b""),
}
