"""Chunks above 730 bytes: a setting, trusted only while it works."""

import pytest

from spwf04.errors import ModuleError
from spwf04_sim import Quirks
from tests.faults.exchanges import Server, Stage
from tests.shims.servers import pattern

DATA = pattern(3000)


def stage(reading):
    made = Stage(Quirks(large_chunks=reading))
    made.clock.end = made.clock.now() + 200
    made.world.route("large.example", 21, lambda: Server(DATA))
    made.pool.chunk = 1460
    return made


def sizes(stage, command):
    return [int(c.split(",")[1]) for c in stage.module.log if c.startswith(command)]


def test_a_larger_chunk_is_used_while_it_works():
    made = stage("work")
    made.connect("large.example", 21)
    made.receive(len(DATA))
    assert bytes(made.got) == DATA
    assert max(sizes(made, "AT+S.SOCKR")) == made.pool.chunk == 1460


def test_a_read_that_is_refused_loses_nothing_and_the_chunk_is_730_from_then_on():
    made = stage("refused")
    made.connect("large.example", 21)
    made.receive(len(DATA))
    assert bytes(made.got) == DATA
    assert made.pool.chunk == 730
    assert len([n for n in sizes(made, "AT+S.SOCKR") if n > 730]) == 1


def test_a_write_that_is_refused_is_an_error_and_the_next_socket_writes_730():
    made = stage("refused")
    made.connect("sink.example", 9)
    with pytest.raises(ModuleError) as caught:
        made.sock.send(DATA)
    assert caught.value.code == 91
    assert made.pool.chunk == 730
    made.sock.close()
    made.connect("sink.example", 9)
    made.sock.send(DATA)
    made.clock.advance(1)
    assert bytes(made.world_servers()[-1].data) == DATA


def test_a_closed_connection_says_nothing_about_chunks():
    made = stage("work")
    made.connect("ends.example", 20)
    made.receive(101)
    assert made.pool.chunk == 1460
