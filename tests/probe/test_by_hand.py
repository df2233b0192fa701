"""What a person at the bench is asked to do."""

import pathlib
import re

import pytest
from cryptography import x509

from spwf04_cli.probe.around import Around, Person
from spwf04_cli.probe.experiment import Untried
from spwf04_cli.probe.tls import certificates

DONE = {
    "access_point": lambda around: around.access_point(
        True, ssid="probe", password="secret12", lease=None
    ),
    "hidden": lambda around: around.access_point(True, ssid="probe", hidden=True, rssi=-70),
    "off": lambda around: around.access_point(False, ssid="probe"),
    "station": lambda around: around.station("probe", "secret12"),
    "open": lambda around: around.station("probe", None),
    "leaves": lambda around: around.station_leaves(),
    "enterprise": lambda around: around.enterprise(
        "probe", "user", "secret12", certificates.root(), certificates.under_root()
    ),
}
SAID = {
    "access_point": "Switch an access point on: of the name probe, password secret12, "
    "without a DHCP server",
    "hidden": "Switch an access point on: of the name probe, that hides its name, "
    "received with -70 dBm",
    "off": "Switch an access point off: of the name probe",
    "station": "Join the network probe by a phone, with the password secret12. It may fail: then "
    "wait until the phone says so",
    "open": "Join the network probe by a phone, with no password. It may fail: then wait until "
    "the phone says so",
    "leaves": "Have the phone leave that network, and forget it",
}


@pytest.mark.parametrize("what", SAID)
def test_it_is_said_in_plain_words(what):
    asked = []
    DONE[what](Person(lambda text: asked.append(text) or True))
    assert asked == [SAID[what]]


@pytest.mark.parametrize("what", DONE)
def test_what_nobody_does_is_untried(what):
    with pytest.raises(Untried):
        DONE[what](Around())
    with pytest.raises(Untried, match="left out by hand"):
        DONE[what](Person(lambda text: False))


def test_the_certificates_of_a_radius_server_are_in_files():
    asked = []
    person = Person(lambda text: asked.append(text) or True)
    DONE["enterprise"](person)
    files = [pathlib.Path(name) for name in re.findall(r"/\S+\.pem", asked[0])]
    assert [file.name for file in files] == ["server.pem", "ca.pem"]
    made = [x509.load_pem_x509_certificate(file.read_bytes()) for file in files]
    made[0].verify_directly_issued_by(made[1])
    assert b"PRIVATE KEY" in files[0].read_bytes()
    assert b"PRIVATE KEY" not in files[1].read_bytes()
