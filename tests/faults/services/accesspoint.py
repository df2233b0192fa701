"""A network of the module's own. It is never an open one behind the program's back."""

KEY = b"correct horse"
_STATION = "02:00:00:00:00:01"


def _joined(stage):
    stage.radio.connect("home", "correct horse")


def _start(stage):
    """Start a network with a password, from a network of others."""
    miniap = stage.module.wifi.miniap
    try:
        stage.radio.start_ap("mine", KEY, timeout=20)
    except OSError as e:
        assert stage.radio.ap is None
        # The line may be dead: then the error says that nobody knows
        assert not miniap.running or e.remedy == "reset", e
        raise
    # A byte that has changed on its way makes another key, and no indication tells it
    assert not miniap.running or miniap.key is not None
    _end(stage)


def _end(stage):
    """Leave the network, so that what follows is a station again."""
    stage.radio.stop_ap()


def _running(stage):
    stage.radio.start_ap("mine", KEY)
    stage.module.station_joins(_STATION, password=KEY)


def _stations(stage):
    stage.clock.advance(1)
    stage.module.transmit()
    found = stage.radio.stations()
    assert len(found) <= 1 or stage.module.faults.happened, found
    _end(stage)


def _stop(stage):
    stage.radio.stop_ap()


EXCHANGES = {
    "access point, plain: start": (_joined, _start, b""),
    "access point, plain: stations": (_running, _stations, b""),
    "access point, plain: stop": (_running, _stop, b""),
}
