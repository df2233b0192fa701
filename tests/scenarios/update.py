"""Firmware over the air."""

from spwf04 import ModuleError, NotFound

HOST = "updates.example"
OLD = "171117-0328fe3-SPWF04S"
NEW = "180301-1234567-SPWF04S"


def fetch(bench, kind="good"):
    bench.join()
    bench.sim("offer", kind)
    return bench.radio.fetch_update(HOST, 80, "/new.ota")


def test_a_good_image_becomes_the_firmware(bench):
    bench.sim("save_setting", "user_desc", "the third from the left")
    fetch(bench)
    build, factory = bench.radio.apply_update()
    assert build == NEW
    assert bench.radio.firmware == "1.2.0 " + NEW
    kept = bench.sim("quirk", "update_settings") == "kept"
    assert factory is not kept
    bench.join()  # the module works


def test_a_slow_download_is_over_when_the_call_returns(bench):
    """Else the restart of apply_update() would cut it off."""
    fetch(bench, "slow")
    assert bench.radio.apply_update()[0] == NEW


def test_a_download_that_takes_too_long_is_said(bench):
    bench.join()
    bench.sim("offer", "slow")
    e = bench.raises(OSError, bench.radio.fetch_update, HOST, 80, "/new.ota", timeout=8)
    if bench.sim("quirk", "update_ok") == "before":
        assert "Do not restart" in str(e)
    bench.rest(60000)
    assert bench.radio.get("build", "STS") == OLD


def test_nothing_changes_before_apply(bench):
    fetch(bench)
    assert bench.radio.get("build", "STS") == OLD
    assert bench.radio.isconnected()


def test_an_image_that_is_not_for_it_leaves_the_old_firmware(bench):
    fetch(bench, "bad")
    assert bench.radio.apply_update()[0] == OLD
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_an_image_that_is_rejected_at_the_boot_leaves_the_old_firmware(bench):
    fetch(bench)
    bench.sim("named_fault", "update_rejected")
    assert bench.radio.apply_update()[0] == OLD


def test_a_file_that_is_not_there_or_is_cut_short_is_an_error_and_nothing_changes(bench):
    for kind in ("missing", "cut"):
        assert bench.raises(ModuleError, fetch, bench, kind).code == 111
    bench.radio.reset()
    assert bench.radio.get("build", "STS") == OLD


def test_without_a_network_the_error_says_to_join(bench):
    e = bench.raises(ModuleError, bench.radio.fetch_update, HOST, 80, "/new.ota")
    assert e.code == 44


def test_a_reset_line_that_is_held_is_named_as_the_cause(bench):
    radio = bench.another_radio(reset=False)
    radio.connect(bench.ssid, bench.password)
    bench.sim("offer", "good")
    radio.fetch_update(HOST, 80, "/new.ota")
    bench.sim("named_fault", "reset_blocked")
    e = bench.raises(NotFound, radio.apply_update, 20)
    assert "RESET" in str(e)


def test_arguments_that_would_be_another_command_are_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for bad in ("a\rAT+S.RESET", "a\nb", "a\0b", "a,5"):
        bench.raises(ValueError, bench.radio.fetch_update, bad, 80, "/x")
        bench.raises(ValueError, bench.radio.fetch_update, HOST, 80, "/" + bad)
        bench.raises(ValueError, bench.radio.fetch_update, HOST, 80, "/x", bad)
        bench.raises(ValueError, bench.radio.fetch_update, HOST, 80, "/x", "user", bad)
    bench.raises(ValueError, bench.radio.fetch_update, "", 80, "/x")
    bench.raises(ValueError, bench.radio.fetch_update, HOST, 80, "x")
    bench.raises(ValueError, bench.radio.fetch_update, HOST, 0, "/x")
    assert bench.sim("bytes_in") == before


def test_the_password_of_the_server_is_in_no_message(bench):
    bench.join()
    e = bench.raises(
        OSError, bench.radio.fetch_update, "nowhere.example", 80, "/x", "user", "geheim"
    )
    assert "geheim" not in str(e)
