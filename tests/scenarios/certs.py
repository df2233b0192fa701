"""The certificate store: one set over the flash slot and files."""


def test_install_reports_what_was_installed(bench):
    entry = bench.radio.certs.install(bench.sim("ca_pem"))
    assert entry.ski == bench.sim("ca_ski")
    assert entry.where in ("slot", "file")
    assert entry.subject
    assert entry.not_after > 1700000000


def test_pem_text_pem_bytes_and_der_are_all_taken(bench):
    pem = bench.sim("ca_pem")
    certs = bench.radio.certs
    ski = bench.sim("ca_ski")
    for form in (pem, pem.encode(), bench.sim("ca_der")):
        assert certs.install(form).ski == ski
        certs.remove(ski)


def test_installing_again_uploads_nothing(bench):
    certs = bench.radio.certs
    certs.install(bench.sim("ca_pem"))
    before = bench.sim("bytes_in")
    certs.install(bench.sim("ca_pem"))
    assert bench.sim("bytes_in") == before


def test_several_cas_are_kept(bench):
    certs = bench.radio.certs
    skis = {certs.install(bench.sim(name)).ski for name in ("ca_pem", "other_ca_pem")}
    assert {entry.ski for entry in certs.list()} == skis
    assert {entry.where for entry in certs.list()} == {"file"}


def test_a_later_driver_uploads_nothing_that_is_there(bench):
    for name in ("ca_pem", "other_ca_pem"):
        bench.radio.certs.install(bench.sim(name))
    again = bench.another_radio()
    again.get("nv_model")
    before = len([c for c in bench.sim("log") if "FSC" in c or "=ca" in c])
    for name in ("ca_pem", "other_ca_pem"):
        again.certs.install(bench.sim(name))
    assert len([c for c in bench.sim("log") if "FSC" in c or "=ca" in c]) == before


def test_remove(bench):
    certs = bench.radio.certs
    one = certs.install(bench.sim("ca_pem")).ski
    certs.remove(one)
    assert certs.list() == []
    bench.raises(KeyError, certs.remove, one)
    two = [certs.install(bench.sim(name)).ski for name in ("ca_pem", "other_ca_pem")]
    certs.remove(two[0].upper())
    assert [entry.ski for entry in certs.list()] == two[1:]


def test_what_is_not_a_ca_is_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    install = bench.radio.certs.install
    bench.raises(ValueError, install, b"")
    bench.raises(ValueError, install, b"\x30\x82\x04\x00not a certificate")
    bench.raises(ValueError, install, "-----BEGIN CERTIFICATE-----\nMIIB\n")
    bench.raises(
        ValueError, install, "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"
    )
    bench.raises(ValueError, install, bench.sim("ca_pem") + bench.sim("other_ca_pem"))
    e = bench.raises(ValueError, install, bench.sim("leaf_pem"))
    assert "not a CA's" in str(e) and "the root that signed it" in str(e)
    bench.raises(OSError, install, "/no/such/file.pem")
    assert bench.sim("bytes_in") == before


def test_a_ca_cut_short_on_the_line_is_not_trusted(bench):
    """Bytes are lost: the upload fails, the module is found again, the store lists no CA."""
    certs = bench.radio.certs
    bench.radio.get("nv_model")
    bench.sim("lose_host_bytes", 40)
    bench.raises(OSError, certs.install, bench.sim("ca_pem"))
    assert certs.entries() == []
    assert certs.install(bench.sim("ca_pem")).ski == bench.sim("ca_ski")


def test_list_tells_where_each_ca_is_and_whose_until_when(bench):
    certs = bench.radio.certs
    for name in ("ca_pem", "other_ca_pem"):
        certs.install(bench.sim(name))
    for entry in certs.list():
        assert entry.where == "file"
        assert entry.subject.startswith("trustme")
        assert entry.not_after > 1700000000
        assert entry.volatile == (bench.sim("quirk", "default_volume") == "ram")
    again = bench.another_radio().certs.list()  # it knows of them from the module alone
    assert {e.ski for e in again} == {e.ski for e in certs.list()}
    assert {e.subject for e in again} == {e.subject for e in certs.list()}
    assert {e.not_after for e in again} == {e.not_after for e in certs.list()}


def test_clear_leaves_nothing(bench):
    certs = bench.radio.certs
    for name in ("ca_pem", "other_ca_pem"):
        certs.install(bench.sim(name))
    bench.sim("put_file", "readme.txt", b"not ours")
    certs.clear()
    assert certs.list() == []
    assert bench.sim("files") == ["readme.txt"]
    assert bench.sim("slot") == []
    certs.install(bench.sim("ca_pem"))
    certs.clear()
    assert bench.sim("slot") == []
    assert certs.install(bench.sim("ca_pem")).ski == bench.sim("ca_ski")


def test_a_file_that_does_not_fit_is_refused_before_a_byte_of_it_is_sent(bench):
    certs = bench.radio.certs
    certs.install(bench.sim("ca_pem"))
    bench.sim("fill_disk", 16200)
    e = bench.raises(OSError, certs.install, bench.sim("other_ca_pem"))
    assert "does not fit" in str(e)
    assert not [c for c in bench.sim("log") if "FSC" in c and ".ca" in c]
    assert [e.ski for e in certs.entries()] == [bench.sim("ca_ski")]
