"""Fixtures for users' own tests: a world, and modules in it that are switched on.

The world comes from a world file, if one is named: for all tests by the ini option `spwf04_world`,
relative to the ini file; for one test, class or file by the marker `spwf04_world("bench.toml")`,
relative to the test's file. Without a world file the world is empty.

spwf04_playback plays a log instead: the marker `spwf04_recording("bug.txt")` names it.

pytest imports this file in every project of the environment. The simulator is imported when a
test uses one of the fixtures.
"""

import pytest

# The options of this driver's own tests whose value may be a file's name: tests/hardware
OF_FILES = ("--port", "--via-mcu", "--board", "--ssid", "--reading")


def pytest_addoption(parser, pluginmanager):
    """Called by pytest."""
    parser.addini("spwf04_world", "world file of the simulated SPWF04 modules, for all tests")
    given = pluginmanager.get_plugin("pytestconfig").invocation_params
    if (given.dir / "tests" / "hardware" / "options.py").is_file():
        _begin_again(given)


def _begin_again(given):
    """Have pytest read `--port /dev/ttyUSB0` as `--port=/dev/ttyUSB0`.

    pytest looks for the folder of its settings and tests before it knows of any option that is not
    its own, and takes a file that stands alone for a place with tests: here for /dev.
    """
    joined = []
    for word in given.args:
        if joined and joined[-1] in OF_FILES:
            joined[-1] += "=" + word
        else:
            joined.append(word)
    if joined != list(given.args):
        raise SystemExit(pytest.main(joined, given.plugins))


def pytest_configure(config):
    """Called by pytest."""
    config.addinivalue_line(
        "markers",
        "spwf04_world(file): the world file of the simulated SPWF04 modules of this test",
    )
    config.addinivalue_line(
        "markers", "spwf04_recording(file): the log of a UART that spwf04_playback plays"
    )


def _named(request):
    """The path of the world file that is named for this test, or None."""
    marker = request.node.get_closest_marker("spwf04_world")
    if marker is not None:
        if len(marker.args) != 1 or marker.kwargs:
            pytest.fail('the marker is spwf04_world("FILE")', pytrace=False)
        return request.path.parent / marker.args[0]
    name = request.config.getini("spwf04_world")
    return (
        (request.config.inipath or request.config.rootpath / "-").parent / name if name else None
    )


def _worldfile():
    """The module spwf04_sim.worldfile, or a text that says which package it lacks."""
    try:
        from . import worldfile
    except ModuleNotFoundError as e:
        from .missing import explained

        return explained(e, "sim")
    return worldfile


@pytest.fixture
def spwf04_file(request):
    """The spwf04_sim.worldfile.WorldFile of this test: .world, and .modules to build()."""
    worldfile = _worldfile()
    if isinstance(worldfile, str):
        pytest.fail(worldfile, pytrace=False)
    path = _named(request)
    if path is None:
        return worldfile.fresh()
    try:
        return worldfile.load(path)
    except worldfile.FileError as e:
        mistakes = str(e)
    pytest.fail(mistakes, pytrace=False)  # out here, so that its message stands alone


@pytest.fixture
def spwf04_world(spwf04_file):
    """The World of the world file, or a World without networks. Add what the test needs before
    it uses a module."""
    return spwf04_file.world


@pytest.fixture
def spwf04_modules(spwf04_file):
    """{name: SimulatedModule} of all modules of the world file, each on a virtual clock."""
    from . import Timing, VirtualClock

    fast = Timing.fast()
    made = {m.name: m.build(VirtualClock(), fast) for m in spwf04_file.modules}
    yield made
    for module in made.values():
        module.power_off()


@pytest.fixture
def spwf04_module(spwf04_modules):
    """The first SimulatedModule of spwf04_modules, in spwf04_world, on a virtual clock.

    SPWF04(spwf04_module.uart(), clock=spwf04_module.clock)
    """
    return next(iter(spwf04_modules.values()))


@pytest.fixture
def spwf04_port(spwf04_file):
    """The PtyPort with the first module on it, in real time.

    A program opens the serial port spwf04_port.path; spwf04_port.module is the SimulatedModule.
    The fixture fails where there are no pseudo-terminals (Windows).
    """
    from . import PtyPort, Timing
    from .desk.pty import NoTerminals

    module = spwf04_file.modules[0].build(timing=Timing.fast())
    try:
        made = PtyPort(module)
    except NoTerminals as e:
        module.power_off()
        pytest.fail(str(e), pytrace=False)
    with made as port:
        yield port
    port.module.power_off()


@pytest.fixture
def spwf04_playback(request):
    """The Playback of the log that the marker spwf04_recording("bug.txt") names, relative to the
    test's file: of any form that spwf04 trace reads.

    SPWF04(spwf04_playback, clock=spwf04_playback.clock)
    """
    marker = request.node.get_closest_marker("spwf04_recording")
    if marker is None or len(marker.args) != 1 or marker.kwargs:
        pytest.fail('spwf04_playback needs the marker spwf04_recording("FILE")', pytrace=False)
    path = request.path.parent / marker.args[0]
    try:
        from .playback import Playback

        return Playback(path.read_bytes())
    except (OSError, ValueError) as e:
        mistake = f"{path}: {getattr(e, 'strerror', None) or e}"
    pytest.fail(mistake, pytrace=False)
