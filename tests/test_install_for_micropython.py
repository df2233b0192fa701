"""The same servers as in test_install_for.py, from a real MicroPython and its own TLS."""

import time

import pytest

from spwf04_cli.server.roots import build, certifi_roots
from spwf04_sim import PtyPort, RealClock, SimulatedModule, Timing, World
from tests.shims import micropython
from tests.shims.shapes import ShapeServer, good, hostile

SCRIPT = micropython.ROOT / "tests" / "shims" / "mp_shapes.py"


def connect(shapes, engine, tmp_path):
    """{host: (engine or "refused", rest of its line)} for each shape."""
    ders = certifi_roots()
    for shape in good() + hostile():
        ders += shape.root_ders()
    roots = tmp_path / "roots.bin"
    roots.write_bytes(build(ders))
    world = World()
    world.add_access_point("home", "correct horse")
    servers = [ShapeServer(shape) for shape in shapes]
    for shape, server in zip(shapes, servers):
        world.route(shape.name, 443, server.address)
    module = SimulatedModule(world, clock=RealClock(), timing=Timing.fast())
    module.power_on()
    arguments = [str(roots), engine, str(int(time.time())), *[s.name for s in shapes]]
    with PtyPort(module, vmin0=True) as line:
        code, output = micropython.run(SCRIPT, [line.path, *arguments], None, "400k")
    for server in servers:
        server.close()
    assert code == 0, output
    found = {}
    for text in output.splitlines():
        host, used, rest = text.split(" ", 2)
        found[host] = used, rest
    assert set(found) == {s.name for s in shapes}, output
    return found


@pytest.mark.generated(2)
@pytest.mark.parametrize("part", range(4))
def test_good_chains_are_verified_by_one_engine_or_the_other(part, tmp_path):
    shapes = good()[part::4]
    for host, (engine, rest) in connect(shapes, "auto", tmp_path).items():
        shape = next(s for s in shapes if s.name == host)
        if shape.tls13_only:  # this interpreter has no TLS 1.3
            assert engine == "refused" and "TLS 1.2" in rest
            continue
        assert rest == host, (host, engine, rest)
        assert engine == ("module" if shape.module else "host"), host


@pytest.mark.generated(2)
@pytest.mark.parametrize("engine", ["auto", "host"])
@pytest.mark.parametrize("part", range(2))
def test_hostile_chains_are_refused_by_both(part, engine, tmp_path):
    for host, (result, rest) in connect(hostile()[part::2], engine, tmp_path).items():
        assert result == "refused", (host, rest)
