"""How the simulated module verifies: what it looks for, where, and what it cannot take."""

import time

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from spwf04_sim import Flash, Quirks
from spwf04_sim.parts.tlslink import Refused
from spwf04_sim.parts.verify import verify
from tests.shims.shapes import rsa_key, signed_with, three
from tests.sim.chains import issue
from tests.sim.replay import dated

HOST = "www.example.com"
EC, RSA = trustme.KeyType.ECDSA, trustme.KeyType.RSA


def der(pem):
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def authority_der(authority):
    return der(authority.cert_pem.bytes())


def key_id(authority):
    certificate = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def chain_of(authority, host=HOST, **more):
    leaf = dated(authority, host, **more)
    return [der(pem.bytes()) for pem in leaf.cert_chain_pems]


def flash_with(slot=None, **files):
    made = Flash()
    if slot is not None:
        made.slot["ca"] = slot
    for name, data in files.items():
        made.files[2, name] = data
    return made


def refusal(chain, flash, name=HOST, quirks=None, now=None):
    """Return the number with which a chain is refused, None if it is trusted."""
    try:
        verify(chain, name, flash, quirks or Quirks(), time.time() if now is None else now)
    except Refused as e:
        return e.number
    return None


def test_the_ca_in_the_flash_slot_is_found():
    ca = trustme.CA()
    assert refusal(chain_of(ca), flash_with(authority_der(ca))) is None


def test_a_ca_in_a_file_is_found_by_its_key_identifier_in_lower_case():
    ca = trustme.CA()
    name = key_id(ca).hex()
    good = flash_with(**{name + ".ca": authority_der(ca)})
    assert refusal(chain_of(ca), good) is None
    assert refusal(chain_of(ca), flash_with(**{name.upper() + ".ca": authority_der(ca)})) == 23
    assert refusal(chain_of(ca), flash_with(**{name: authority_der(ca)})) == 23


def test_a_filled_slot_hides_all_files():
    ca, other = trustme.CA(), trustme.CA()
    files = {key_id(ca).hex() + ".ca": authority_der(ca)}
    assert refusal(chain_of(ca), flash_with(authority_der(other), **files)) == 23


def test_without_a_ca_the_error_is_23():
    assert refusal(chain_of(trustme.CA()), Flash()) == 23


def test_an_impostor_with_the_same_name_and_key_identifier_is_refused():
    """A CA that only claims to be the one on the module."""
    ca, impostor = trustme.CA(), trustme.CA()
    root = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    false_key = load_pem_private_key(impostor.private_key_pem.bytes(), None)
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    leaf = issue(root, false_key, HOST, leaf_key)
    assert refusal([leaf.public_bytes(Encoding.DER)], flash_with(authority_der(ca))) == 23


def test_an_intermediate_is_the_anchor_under_some_readings():
    ca = trustme.CA()
    middle = ca.create_child_ca()
    chain, flash = chain_of(middle), flash_with(authority_der(middle))
    assert refusal(chain, flash) == 23
    for lookup in ("each", "leaf"):
        assert refusal(chain, flash, quirks=Quirks(ca_lookup=lookup)) is None
    assert refusal(chain_of(middle), flash_with(authority_der(ca))) is None


def test_dates_are_compared_with_the_modules_clock():
    ca = trustme.CA()
    flash = flash_with(authority_der(ca))
    assert refusal(chain_of(ca), flash, now=946684800) == 23
    assert refusal(chain_of(ca), flash, now=time.time() + 10**9 * 40) == 23
    other = Quirks(certificate_error_date=9)
    assert refusal(chain_of(ca), flash, quirks=other, now=946684800) == 9


def test_the_name_is_compared_unless_it_is_left_out():
    ca = trustme.CA()
    flash = flash_with(authority_der(ca))
    assert refusal(chain_of(ca), flash, "www.example.org") == 5
    assert refusal(chain_of(ca), flash, None) is None
    assert refusal(chain_of(ca, "*.example.com"), flash) is None
    assert refusal(chain_of(ca, "*.example.com"), flash, quirks=Quirks(name_check="literal")) == 5


@pytest.mark.parametrize("installed", [True, False])
def test_a_chain_that_mixes_kinds_of_keys_is_error_11_before_the_ca_is_looked_for(installed):
    ca = trustme.CA(key_type=RSA)
    flash = flash_with(authority_der(ca) if installed else None)
    assert refusal(chain_of(ca, key_type=EC), flash) == 11
    newer = Quirks(mixed_chains=True)
    expected = None if installed else 23
    assert refusal(chain_of(ca, key_type=EC), flash, quirks=newer) == expected


def test_an_rsa_4096_certificate_is_error_22():
    ca = trustme.CA(key_type=RSA)
    root = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    root_key = load_pem_private_key(ca.private_key_pem.bytes(), None)
    large = rsa_key(0, 4096)
    leaf = issue(root, root_key, HOST, large).public_bytes(Encoding.DER)
    flash = flash_with(authority_der(ca))
    assert refusal([leaf], flash) == 22
    assert refusal([leaf], flash, quirks=Quirks(rsa4096="everywhere")) is None


@pytest.mark.parametrize("hash", ["MD5", "SHA-1"])
def test_a_certificate_signed_with_an_old_hash_is_error_23_or_verified(hash):
    root, middle, leaf = three(HOST, rsa_key(0), rsa_key(1), rsa_key(2))
    flash = flash_with(root.cert.public_bytes(Encoding.DER))
    taken = Quirks(old_hashes="taken")
    for signer in (middle.key, root.key):  # the second is a forger
        old = signed_with(hash, leaf, signer), middle.cert.public_bytes(Encoding.DER)
        assert refusal(old, flash) == 23
        assert refusal(old, flash, quirks=taken) == (None if signer is middle.key else 23)


def test_a_certificate_above_2_5_kb_is_refused():
    ca = trustme.CA()
    leaf = ca.issue_cert(HOST, *[f"host-number-{n}.example.com" for n in range(90)])
    chain = [der(leaf.cert_chain_pems[0].bytes())]
    assert len(chain[0]) > 2560
    flash = flash_with(authority_der(ca))
    assert refusal(chain, flash) == 22
    assert refusal(chain, flash, quirks=Quirks(peer_certificate_limit=False)) is None


def test_a_ca_file_may_have_to_be_der_or_pem():
    ca = trustme.CA()
    name = key_id(ca).hex() + ".ca"
    forms = {"der": authority_der(ca), "pem": ca.cert_pem.bytes()}
    for accepted in ("der", "pem"):
        for form, data in forms.items():
            flash = flash_with(**{name: data})
            expected = None if form == accepted else 23
            quirks = Quirks(ca_file_encoding=accepted)
            assert refusal(chain_of(ca), flash, quirks=quirks) == expected
