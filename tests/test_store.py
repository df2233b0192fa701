"""The certificate store after an interruption: it has the old or the new certificate, not half."""

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04 import SPWF04
from spwf04.tls import upload as steps
from spwf04_sim import Quirks, SimulatedModule, Timing, VirtualClock, World

OLD, NEW = b"old " * 30, b"new!" * 40


def module(**quirks):
    made = SimulatedModule(
        World(), quirks=Quirks(**quirks), clock=VirtualClock(longest=20), timing=Timing.fast()
    )
    made.power_on()
    return made


def driver(made):
    return SPWF04(made.uart("machine"), clock=made.clock)


def upload(certs, name, data):
    """The volume of a file that now has this content."""
    return certs.channel.take(steps.upload(certs, name, data))


def clean(certs):
    """Put right what an interrupted upload left."""
    certs.channel.take(steps.clean(certs))


def contents(made):
    return {name: bytes(data) for (_, name), data in made.flash.files.items()}


def interrupted(there, position):
    """Upload NEW as tls.cert; the module restarts after `position` bytes.

    Returns (its files after the next start of the driver, whether the upload ended before that).
    """
    made = module(default_volume="flash")
    if there:
        made.flash.files[1, "tls.cert"] = bytearray(OLD)
    radio = driver(made)
    radio.get("nv_model")
    start = made.bytes_in
    receive = made.receive

    def cut(data):
        left = start + position - made.bytes_in
        if 0 <= left <= len(data):
            receive(data[:left])
            made.receive = receive
            made.restart("watchdog")
            return
        receive(data)

    made.receive = cut
    try:
        upload(radio.certs, "tls.cert", NEW)
        whole = True
    except OSError:
        whole = False
    done = made.receive is cut
    clean(driver(made).certs)
    return contents(made), whole, done


@pytest.mark.parametrize("there", [False, True])
def test_a_restart_at_any_byte_leaves_the_old_or_the_new(there):
    position = 0
    seen = set()
    while True:
        files, whole, done = interrupted(there, position)
        content = files.pop("tls.cert", None)
        assert files == {}, position
        assert content in ((OLD, NEW) if there else (None, NEW)), position
        assert content == NEW or not whole
        seen.add(content)
        if done:  # the last byte was sent before the restart
            break
        position += 1
    assert len(seen) == 2
    assert position > 250


def test_an_upload_costs_nothing_if_the_file_is_there():
    made = module()
    store = driver(made).certs
    assert upload(store, "tls.cert", NEW) == "D"
    before = [c for c in made.log if "FSC" in c]
    assert upload(store, "tls.cert", NEW) == "D"
    assert [c for c in made.log if "FSC" in c] == before


def test_leftovers_of_others_are_left_alone():
    made = module()
    made.flash.files[2, "page.html.new"] = bytearray(b"1")
    made.flash.files[2, "tls.cert.new"] = bytearray(b"2")
    made.flash.files[2, "ab12.ca.ok"] = bytearray(b"3")
    clean(driver(made).certs)
    assert contents(made) == {"page.html.new": b"1", "ab12.ca": b"3"}


def ca():
    return trustme.CA().cert_pem.bytes()


def test_cas_that_a_restart_wipes_are_put_back():
    made = module()
    certs = driver(made).certs
    skis = {certs.install(ca()).ski for _ in range(3)}
    assert all(e.where == "file" and e.volatile for e in certs.entries())
    made.restart("watchdog")
    made.clock.advance(2)
    assert contents(made) == {}
    assert {e.ski for e in certs.list()} == skis
    assert set(contents(made)) == {ski + ".ca" for ski in skis}


def test_a_root_of_a_bundle_is_put_back_without_having_been_kept():
    from spwf04 import Bundle
    from spwf04_cli.server.roots import build

    ders = [x509.load_pem_x509_certificate(ca()).public_bytes(Encoding.DER) for _ in range(2)]
    roots = Bundle(build(ders))
    made = module()
    certs = driver(made).certs
    for root in roots.all():
        certs.install(root)
    made.restart("watchdog")
    made.clock.advance(2)
    certs.list()
    assert sorted(contents(made).values()) == sorted(ders)
