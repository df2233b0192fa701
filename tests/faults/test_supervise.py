"""The supervisor in virtual time: what it notices, and what it mends."""

import asyncio

import pytest

from spwf04 import aio
from spwf04.supervise import Supervisor
from spwf04_sim import Timing
from tests import HANG
from tests.faults.exchanges import Stage


class Kept:
    """A stage with a supervisor that keeps the module joined."""

    def __init__(self, **options):
        self.stage = Stage(joined=False)
        self.changes = []
        self.keeper = Supervisor(
            self.stage.radio,
            "home",
            "correct horse",
            on_change=lambda state, reason: self.changes.append(state),
            **options,
        )

    def until(self, state, seconds=300):
        """Poll until the supervisor is in this state; return how many seconds that took."""
        clock = self.stage.clock
        start = clock.now()
        while self.keeper.poll() != state:
            clock.idle()
            assert clock.now() < start + seconds, self.keeper.state
        return clock.now() - start

    def go_on(self, seconds):
        clock = self.stage.clock
        end = clock.now() + seconds
        while clock.now() < end:
            self.keeper.poll()
            clock.idle()


def test_it_joins_and_tells():
    kept = Kept()
    kept.until("up")
    assert kept.changes == ["joining", "up"]
    assert kept.stage.radio.isconnected()


def test_a_poll_never_waits():
    kept = Kept()
    clock = kept.stage.clock
    while kept.keeper.state != "up":
        before = clock.now()
        kept.keeper.poll()
        assert clock.now() == before
        clock.idle()


def test_a_lost_network_is_joined_again():
    kept = Kept()
    kept.until("up")
    kept.stage.module.drop_link(5000)
    kept.until("joining")
    kept.until("up")
    assert kept.keeper.losses == 1


def test_pauses_grow_while_there_is_no_network():
    kept = Kept(pause=1, longest=60)
    kept.stage.world.remove_access_point("home")
    kept.go_on(600)
    assert 8 <= kept.keeper.failures <= 16
    assert kept.keeper.resets == 0
    kept.stage.world.add_access_point("home", "correct horse")
    assert kept.until("up") < 65


def test_what_a_restart_wipes_is_put_back():
    kept = Kept(settings={"ip_ntp_refresh": 7200}, time=lambda: 1750000000)
    kept.until("up")
    kept.stage.module.restart()
    kept.until("joining")
    kept.until("up")
    assert kept.keeper.restarts == 1
    assert kept.stage.module.variables["ip_ntp_refresh"] == "7200"
    assert kept.stage.module.time >= 1750000000


@pytest.mark.parametrize("pin", [True, False])
def test_a_module_that_hangs_is_noticed_and_reset(pin):
    kept = Kept(heartbeat=10)
    if not pin:
        kept.stage.radio.reset_line = None
    kept.until("up")
    kept.stage.module.faults.add("hang", command="STS")
    if pin:
        kept.until("resetting")
        kept.until("up")
        assert kept.stage.radio.channel.recovered[4] == 1
    else:
        kept.go_on(120)
        assert kept.keeper.resets > 0
        assert kept.keeper.state != "up"
        kept.stage.module.power_off()
        kept.stage.module.power_on()
        kept.until("up")


def test_a_restart_that_was_not_heard_is_noticed():
    kept = Kept(heartbeat=10)
    kept.until("up")
    kept.stage.module.faults.add("silent_restart", way=">", at=4)
    kept.until("joining", 60)
    kept.until("up")


def test_the_rest_of_the_program_uses_the_radio_meanwhile():
    kept = Kept(heartbeat=0.05)
    kept.until("up")
    for _ in range(50):
        kept.keeper.poll()
        kept.stage.fresh()
    assert kept.changes == ["joining", "up"]


def test_as_a_task_of_asyncio():
    kept = Kept()
    clock = kept.stage.clock
    clock.longest = 1
    turns = []

    async def program():
        task = asyncio.create_task(kept.keeper.run())
        while kept.keeper.state != "up":
            turns.append(1)
            clock.idle()
            await asyncio.sleep(0.001)
        task.cancel()

    asyncio.run(asyncio.wait_for(program(), HANG))
    assert kept.changes == ["joining", "up"]


def test_other_calls_wait_for_it_and_it_for_them():
    kept = Kept(heartbeat=0.05)
    stage = kept.stage
    stage.clock.longest = 1
    radio = stage.radio

    async def program():
        keeper = asyncio.create_task(kept.keeper.run())
        asked = []

        async def ask():
            lines = []
            await aio.command(
                radio.channel,
                b"AT+S.GCFG=nv_model\r",
                on_line=lambda parser: lines.append(parser.text()),
            )
            asked.extend(lines)

        async def time_passes():
            while True:
                stage.clock.idle()
                await asyncio.sleep(0)

        clock = asyncio.create_task(time_passes())
        await ask()  # while the supervisor joins
        assert kept.keeper.state == "joining"
        found = await aio.scan(radio)
        assert b"home" in [network[0] for network in found]
        while kept.keeper.state != "up":
            await aio.pause()
        for _ in range(20):  # between heartbeats
            await ask()
            assert radio.get("nv_model") == "SPWF04SA"
        assert asked == ["AT-S.Var:nv_model=SPWF04SA"] * 21
        for task in (keeper, clock):
            task.cancel()

    asyncio.run(asyncio.wait_for(program(), HANG))
    assert kept.changes == ["joining", "up"]


@pytest.mark.parametrize("turns", [0, 8, 16, 40, 64, 160])
def test_a_scan_that_meets_any_moment_of_a_join(turns):
    kept = Kept(heartbeat=0.05)
    stage = kept.stage
    stage.clock.longest = 1

    async def program():
        keeper = asyncio.create_task(kept.keeper.run())
        for _ in range(turns):
            stage.clock.idle()
            await asyncio.sleep(0)
        scan = asyncio.create_task(aio.scan(stage.radio))
        while not scan.done():
            stage.clock.idle()
            await asyncio.sleep(0)
        keeper.cancel()
        return scan.result()

    found = asyncio.run(asyncio.wait_for(program(), HANG))
    assert [network[0] for network in found] == [b"home"]


def test_a_day_with_a_flapping_access_point():
    kept = Kept()
    clock = kept.stage.clock
    clock.longest = 1000
    kept.stage.module.timing = Timing()
    up = 0
    for hour in range(24):
        for minute in (1 + hour % 3, 20, 40 + hour % 7):
            kept.go_on(minute * 7)
            kept.until("up", 200)
            up += 1
            if hour % 6 == 5:
                kept.stage.module.restart("watchdog")
            else:
                point = kept.stage.world.access_points.pop()
                kept.stage.module.drop_link(10)
                kept.go_on(minute)
                kept.stage.world.access_points.append(point)
        kept.go_on(1200)
    kept.until("up", 200)
    kept.stage.fresh()
    assert kept.keeper.losses >= 60
    assert kept.keeper.resets == 0


def with_files():
    """(a kept module, the names of two files of CAs that a restart has wiped from its RAM disk)"""
    from tests.shims.servers import Servers

    made = Servers()
    kept = Kept()
    kept.until("up")
    certs = kept.stage.radio.certs
    for ca in (made.ca, made.other_ca):
        certs.install(ca.cert_pem.bytes())
    flash = kept.stage.module.flash
    before = sorted(flash.files)
    assert len(before) == 2
    kept.stage.module.restart()
    assert flash.files == {}
    kept.until("joining")
    return kept, before


def test_certificates_that_were_files_are_put_back():
    kept, before = with_files()
    kept.until("up")
    assert sorted(kept.stage.module.flash.files) == before


def half_way(kept):
    """Poll until the first of the files is on its way."""
    log = kept.stage.module.log
    start = len(log)
    while not [line for line in log[start:] if "FSC" in line]:
        assert kept.keeper.poll() == "joining"
        kept.stage.clock.idle()


def test_a_poll_does_not_wait_for_certificates_either():
    kept, before = with_files()
    clock = kept.stage.clock
    while kept.keeper.state != "up":
        now = clock.now()
        kept.keeper.poll()
        assert clock.now() == now
        clock.idle()
    assert sorted(kept.stage.module.flash.files) == before


def test_a_call_of_the_program_waits_until_certificates_are_put_back():
    kept, before = with_files()
    half_way(kept)
    certs = kept.stage.radio.certs
    assert {entry.where for entry in certs.list()} == {"file"}
    assert sorted(kept.stage.module.flash.files) == before
    sent = len([line for line in kept.stage.module.log if "FSC" in line])
    kept.until("up")
    assert sorted(kept.stage.module.flash.files) == before
    assert len([line for line in kept.stage.module.log if "FSC" in line]) == sent


@pytest.mark.parametrize("who", ["keeper", "program"])
def test_certificates_that_cannot_be_put_back_are_a_failure_and_tried_again(who):
    kept, before = with_files()
    half_way(kept)
    kept.stage.module.restart()
    failures = kept.keeper.failures
    if who == "program":
        assert len(kept.stage.radio.certs.list()) == 2
    kept.changes.clear()
    kept.until("up")
    assert kept.changes == ["down", "joining", "up"]
    assert kept.keeper.failures == failures + 1
    assert sorted(kept.stage.module.flash.files) == before


def test_too_little_memory_is_told_and_it_tries_again():
    told = []
    times = [MemoryError, 1790000000]

    def time():
        now = times.pop(0)
        if now is MemoryError:
            raise MemoryError
        return now

    kept = Kept(time=time)
    kept.keeper._on_change = lambda state, reason: told.append((state, type(reason)))
    kept.until("up")
    assert ("down", MemoryError) in told and told[-1] == ("up", type(None))
    assert kept.keeper.failures == 1


def test_too_little_memory_to_take_in_an_answer_is_told_too(monkeypatch):
    kept = Kept()
    told = []
    kept.keeper._on_change = lambda state, reason: told.append((state, type(reason)))
    kept.keeper.poll()
    with monkeypatch.context() as patch:
        patch.setattr(kept.stage.radio.channel, "poll", _no_memory)
        assert kept.keeper.poll() == "down"
    assert told == [("joining", type(None)), ("down", MemoryError)]
    kept.until("up")


def _no_memory():
    raise MemoryError


@pytest.mark.parametrize("state", ["joining", "up", "down", "time"])
def test_an_oserror_of_the_programs_own_functions_is_raised_and_no_failure_of_the_module(state):
    def time():
        fail("time")
        return 1790000000

    def fail(at, reason=None):
        told.append((at, reason))
        if at == state and told.count((at, reason)) == 1:
            raise OSError(5, "of the program")

    told = []
    kept = Kept(time=time)
    kept.keeper._on_change = fail
    raised = 0
    for n in range(4000):
        try:
            kept.keeper.poll()
        except OSError as e:
            assert "of the program" in str(e)
            raised += 1
        kept.stage.clock.idle()
        if n == 2000:
            kept.stage.module.drop_link()
    assert raised == 1
    assert kept.keeper.failures == kept.keeper.resets == 0
    assert [reason for _, reason in told if reason] == []
