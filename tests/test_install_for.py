"""One call for servers of many shapes, with the full root bundle, on fresh simulated modules."""

import time

import pytest

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext
from spwf04_cli.server.roots import build, certifi_roots
from spwf04_sim import Quirks, SimulatedModule, Timing, VirtualClock, World
from tests.shims.shapes import Shape, ShapeServer, good, hostile, three


@pytest.fixture(scope="module")
def roots():
    """Return a bundle of all of certifi and of the trusted CAs of all test chains."""
    ders = certifi_roots()
    for shape in good() + hostile():
        ders += shape.root_ders()
    return build(ders)


@pytest.fixture
def fresh():
    """fresh(shape, …): a factory-fresh module that has joined and reaches the shape's server.

    More arguments are its Quirks.
    """
    servers = []

    def make(shape, **quirks):
        server = ShapeServer(shape)
        servers.append(server)
        world = World()
        world.add_access_point("home", "correct horse")
        world.route(shape.name, 443, server.address)
        clock = VirtualClock(longest=20)
        module = SimulatedModule(world, quirks=Quirks(**quirks), clock=clock, timing=Timing.fast())
        module.power_on()
        radio = SPWF04(module.uart("machine"), clock=clock)
        radio.connect("home", "correct horse")
        return radio, module

    yield make
    for server in servers:
        server.close()


def page(radio, context, host):
    """Fetch the server's page; returns (page, engine)."""
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname=host)
    sock.settimeout(20)
    with sock:
        sock.connect((host, 443))
        sock.send(b"GET / HTTP/1.0\r\n\r\n")
        return sock.read(), sock.engine


@pytest.mark.parametrize("n", range(len(good())))
def test_install_for_opens_it_verified(n, fresh, roots):
    shape = good()[n]
    radio, module = fresh(shape)
    done = radio.certs.install_for(shape.name, roots=Bundle(roots), now=int(time.time()))
    assert done.engine == ("module" if shape.module else "host"), (shape.name, str(done))
    assert bool(done.obstacles) != shape.module, (shape.name, done.obstacles)
    text, engine = page(radio, SSLContext(roots=Bundle(roots)), shape.name)
    assert text.endswith(shape.name.encode())
    assert engine == done.engine
    assert [s for s in module.sockets if s is not None] == []


@pytest.mark.parametrize("n", range(len(good())))
def test_a_context_with_roots_opens_it_by_itself(n, fresh, roots):
    shape = good()[n]
    radio, _ = fresh(shape)
    radio.set_time(int(time.time()))
    text, engine = page(radio, SSLContext(roots=Bundle(roots)), shape.name)
    assert text.endswith(shape.name.encode())
    assert engine == ("module" if shape.module else "host"), shape.name


@pytest.mark.generated(20)
@pytest.mark.parametrize("engine", ["auto", "module", "host"])
@pytest.mark.parametrize("n", range(len(hostile())))
def test_a_hostile_server_is_never_accepted(n, engine, fresh, roots):
    shape = hostile()[n]
    radio, module = fresh(shape)
    now = int(time.time())
    with pytest.raises(OSError) as e:
        done = radio.certs.install_for(shape.name, roots=Bundle(roots), now=now, engine=engine)
        print(shape.name, done)
    assert len(str(e.value)) > 40, shape.name
    context = SSLContext(roots=Bundle(roots), engine=engine)
    with pytest.raises(OSError):
        print(shape.name, page(radio, context, shape.name))
    assert [s for s in module.sockets if s is not None] == []


@pytest.mark.parametrize("lookup", ["top", "each", "leaf"])
def test_an_intermediate_in_the_bundle_serves_a_module_that_wants_it(lookup, fresh):
    root, middle, leaf = three("wanted.example")
    shape = Shape("wanted.example", [leaf.cert, middle.cert], leaf.key, [root.cert, middle.cert])
    radio, _ = fresh(shape, ca_lookup=lookup)
    roots = Bundle(build(shape.root_ders()))
    done = radio.certs.install_for(shape.name, roots=roots, now=int(time.time()))
    assert done.engine == "module"
    wanted = middle if lookup == "leaf" else root
    assert [e.ski for e in radio.certs.entries()] == [wanted.ski.hex()]


def test_there_are_enough_of_both():
    assert len(good()) >= 25
    assert len(hostile()) >= 25
