"""Keeps a module joined, beside the rest of the program.

    keeper = Supervisor(radio, "network", "password", on_change=print)
    while True:
        keeper.poll()          # never waits
        ...                    # the program

With asyncio: asyncio.create_task(keeper.run()).

It joins, and joins again with growing pauses when the network was lost. By a heartbeat it notices
that the module does not answer any more, and resets it. After each restart it sets settings and
time again and puts certificates back. Once a day it tells which of them end soon. Sockets stay
the program's: after a loss they raise ECONNRESET, and the program opens new ones when `state` is
"up" again.
"""

from .arguments import milliseconds, moment, network
from .at.exchange import Exchange
from .at.task import Task, Wait
from .checks import callback
from .checks import radio as checked
from .commands.config import asking_address, content, variable
from .const import const
from .errors import JoinError, LinkLost

_AT_MS = const(4000)
_WEDGED = const(2)  # unanswered heartbeats
_JOIN_S = const(40)
_AHEAD = const(30)  # days: what ends within them is told
_DAY_MS = const(86400000)
_HOUR_MS = const(3600000)


class Supervisor:
    """Keeps one radio joined to one network.

    radio: SPWF04. ssid, password, how: as for SPWF04.connect(). By WPS it joins once, and then
    the network that it got. on_change: called with (state, reason)
    at each change; state is "joining", "up", "down" or "resetting", reason the exception that led
    to it, or None. heartbeat: seconds of silence after which the module is asked for a sign of
    life. pause, longest: seconds before the next attempt; they double up to `longest` while
    attempts fail. settings: {name: value} of configuration variables, set again after each
    restart. time: function that returns seconds since 1970-01-01 UTC, by which the module's clock
    is set after a restart; None: the module asks NTP. ValueError, TypeError.

    on_warning: called once a day with each tls.listing.Ending: a CA on the module, or its own
    certificate, ends within 30 days or has ended; or roots, a Bundle, is more than a year old.
    While the module's clock is not set, nothing is known of that, and nothing told.

    To be read: radio. state. Counts of joins, failures, losses, resets and restarts.
    """

    _next_look = None  # when it looks at what ends soon; None: at once
    _unset = True  # the clock was not set when it looked

    def __init__(
        self,
        radio,
        ssid=None,
        password=None,
        *,
        on_change=None,
        heartbeat=30,
        pause=1,
        longest=60,
        settings=None,
        time=None,
        on_warning=None,
        roots=None,
        key=None,
        **how,
    ):
        _check(ssid, password, key, how)
        self.radio = checked(radio)
        self.state = "down"
        self.joins = self.failures = self.losses = self.resets = self.restarts = 0
        self._network = (ssid, password, None if how.get("wps") else _JOIN_S, key)
        self._how = how
        self._on_change = callback(on_change, "on_change")
        self._heartbeat = milliseconds(heartbeat, "heartbeat")
        self._first = milliseconds(pause, "pause")
        self._longest = milliseconds(longest, "longest")
        self._settings = _commands(settings)
        self._time = callback(time, "time")
        self._on_warning = callback(on_warning, "on_warning")
        self._roots = _bundle(roots)
        self._task = None
        self._missed = 0  # heartbeats without an answer
        self._generation = radio.channel.generation
        self._fresh = True  # settings, time and certificates are still to be put in place

    @property
    def isconnected(self) -> bool:
        """True while the network is joined. Sends nothing."""
        return self.state == "up"

    def poll(self) -> str:
        """Take in what has arrived, do what is due, and return the state. Never waits.

        Raises what on_change(), on_warning() and time() raise. Failures of the module, and
        MemoryError, go to on_change(); it tries again.
        """
        if self._task is None:
            self._task = Task(self.radio.channel, self._life())
        try:
            try:
                self._task.poll()
            except (OSError, MemoryError) as e:  # what _life() does not handle itself
                self._give_up()
                self._change("down", e)
        except Exception as e:  # of on_change(), on_warning() or time(), which are the program's
            self._give_up()
            self.state = "down"
            raise e.args[0] if isinstance(e, _Raised) else e
        return self.state

    async def run(self) -> None:
        """poll() for ever, as a task of asyncio; let other tasks run in between."""
        from .aio import pause

        try:
            while True:
                self.poll()
                await pause()
        finally:
            self._give_up()

    def _give_up(self):
        task, self._task = self._task, None
        if task is not None:
            task.close()

    def _change(self, state, reason=None):
        if state != self.state:
            self.state = state
            if self._on_change is not None:
                _call(self._on_change, state, reason)

    # what it does ----------------------------------------------------------------------------
    def _life(self):
        pause = self._first
        while True:
            reason = None
            try:
                self._change("joining")
                yield from self._join()
                self.joins += 1
                pause = self._first
                self._change("up")
                yield from self._watch()
                self.losses += 1
            except JoinError as e:
                reason = e
            except MemoryError as e:
                reason = e
            except OSError as e:  # it does not answer, restarted, or refused a command
                reason = e
                self._missed += 1
            if reason is not None:
                self.failures += 1
            self._change("down", reason)
            if self._missed >= _WEDGED:
                self._missed = 0
                yield from self._reset()
            yield Wait(self._restarted, pause)
            pause = min(self._longest, pause * 2)

    def _join(self):
        radio = self.radio
        exchange = Exchange()
        yield exchange.prepare(b"AT\r", None, _AT_MS)
        radio.channel.check(exchange)
        if self._restarted():
            self._generation = radio.channel.generation
            self.restarts += self.joins > 0  # else it is the boot before the first join
            self._fresh = True
        if self._fresh:
            for head, value in self._settings:
                if b"," in value:
                    from .commands.comma import steps

                    yield from steps(radio.channel, head, value)
                else:
                    yield exchange.prepare(b"AT+S." + head + value + b"\r", None, 3000)
                    radio.channel.check(exchange)
        login = "identity" in self._how  # whose certificates are judged by the clock
        if self._fresh and login:
            yield from self._set_time()
        if self.joins and radio.is_in_doubt():
            yield from asking_address(radio)
        if not radio.ip:
            yield from radio.joining(*self._network, **self._how)
            if self._network[2] is None:  # the module has its name and key now
                self._network = (None, None, _JOIN_S)
                self._how = {}
        if self._fresh:
            if not login:
                yield from self._set_time()
            if radio.store is not None:
                yield from radio.store.aside()
            self._fresh = False
        self._missed = 0

    def _set_time(self):
        """Set the module's clock, if the program tells the time."""
        if self._time is not None:
            exchange = Exchange()
            yield exchange.prepare(b"AT+S.TIME=%d\r" % moment(_call(self._time)), None, 3000)
            self.radio.channel.check(exchange)
            self.radio.clock_set = True

    def _watch(self):
        """Wait while it is up. Ends when the network was lost; raises if no answer comes."""
        radio = self.radio
        channel = radio.channel
        exchange = Exchange()
        while True:
            if self._on_warning is not None and self._is_time_to_look():
                yield from self._look()
            heard = channel.uart.received
            yield Wait(self._lost, self._heartbeat)
            if self._restarted() or radio.is_down():
                break
            if radio.is_in_doubt() and channel.gate is None:
                yield from self._ask()
                if radio.is_down():
                    break
            elif channel.uart.received == heard and not channel.busy() and channel.gate is None:
                yield exchange.prepare(b"AT+S.STS=ip_ipaddr\r", None, _AT_MS)
                if exchange.code < 0:  # no answer
                    self._missed = _WEDGED - 1  # and _life() counts this one
                    channel.check(exchange)

    def _ask(self):
        """Ask whether it is joined: an indication may have been lost, or was masked."""
        try:
            yield from asking_address(self.radio)
        except LinkLost:
            self._missed = _WEDGED - 1
            raise

    def _is_time_to_look(self):
        radio = self.radio
        if self._next_look is None or (self._unset and radio.clock_set):
            return True
        return radio.channel.expired(self._next_look)

    def _look(self):
        """Tell what ends soon."""
        from .tls.listing import warnings

        channel = self.radio.channel
        store = self.radio.certs
        self._unset = False
        self._next_look = channel.deadline(_HOUR_MS)
        try:
            found = yield from store.aside(warnings(store, _AHEAD, self._roots))
        except OSError:
            return  # the heartbeat finds out what is wrong with the module
        if found is None:
            self._unset = True
            return
        self._next_look = channel.deadline(_DAY_MS)
        for ending in found:
            _call(self._on_warning, ending)

    def _lost(self):
        radio = self.radio
        return radio.is_down() or self._restarted() or radio.is_in_doubt()

    def _restarted(self):
        return self.radio.channel.generation != self._generation

    def _reset(self):
        from .commands.reset import reset

        self._change("resetting")
        self.resets += 1
        try:
            yield from reset(self.radio, 16)
        except OSError as e:
            self._change("down", e)


class _Raised(Exception):
    """An OSError of a function of the program, which is no failure of the module."""


def _call(function, *args):
    """Call a function of the program."""
    try:
        return function(*args)
    except OSError as e:
        raise _Raised(e)


def _check(ssid, password, key, how):
    """Check the arguments of connect(); TypeError, ValueError."""
    if how:
        from .commands.join import way

        way(ssid, password, key, how)
    else:
        network(ssid, key if password is None else password)


def _bundle(roots):
    """Check that roots are a Bundle or None; TypeError."""
    if roots is not None and not hasattr(type(roots), "by_key"):
        raise TypeError("roots must be a Bundle, not %s" % type(roots).__name__)
    return roots


def _commands(settings):
    """[(beginning of the command that sets it, value)] of {name: value}; TypeError, ValueError."""
    if settings is not None and not isinstance(settings, dict):
        raise TypeError("settings must be a dict of names and values")
    return [
        (b"SCFG=" + variable(name, "settings") + b",", content(value, "settings"))
        for name, value in (settings or {}).items()
    ]
