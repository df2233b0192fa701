"""Web pages that the module serves by itself, and what the program adds to them. [j.1]

    pages = WebPages(radio)
    pages.upload("door.fhtml", "<p>The door is %s." % mark("input", 0))
    pages.inputs(lambda: ["open" if door.value() else "shut"])
    pages.outputs(print)
    while True:
        pages.wait(1)

What a visitor does is told by indications. The program's functions are called when no command is
in flight, from whatever call takes in what the module says: wait() and poll(), and each other call
of the radio or its sockets. mark() is in template.py.
"""

from ..arguments import argument, encoded, milliseconds
from ..at.exchange import Exchange
from ..at.task import Task, Wait
from ..checks import callback, flag, integer
from ..commands.filesystem import ask
from ..const import const
from ..errors import ModuleError, SPWF04Error, errno
from ..net.pool import SocketPool

FACTORY_KEY = b"anonymous"  # of every module, until it is changed [j.1]

_EVENTS = const(16)  # most that wait for the program's functions
_INPUT, _OUTPUT, _CHANGE, _FILE = 56, 57, 64, 90  # indications [d]
_IN_NAMES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."


class WebPages:
    """The pages that a module serves, and what happens on them.

    radio: SPWF04. volume: where pages are written: 1 user flash, 0 SD card, 2 RAM disk, 3
    application flash. on_error: called with the exception that one of the program's functions has
    raised, or that an answer to the module has met; None: the next wait() or poll() raises it.

    error: such an exception that is not yet raised, or None. missed: count of what came faster
    than the functions could be called. To be used by `with`, or closed by close().
    """

    error: "Exception | None" = None
    missed = 0
    _values = None  # what inputs() was given
    _asked = 0  # how many pages wait for tokens
    _burst = False  # a page was answered just now: the answer may have been for the next one too
    _task = None  # the answer on its way
    _count = 0  # of functions called and answers given
    _answers: "bool | None" = None  # the firmware can take answers; None: not known

    def __init__(self, radio, volume=1, on_error=None):
        self._pool = SocketPool(radio)
        self._radio = radio
        self._channel = channel = radio.channel
        self._volume = integer(volume, "volume", 0, 3)
        self._on_error = callback(on_error, "on_error")
        self._events = []  # (function, arguments)
        self._handlers = {}  # number of an indication: (ours, the one before)
        self._job = _Job(self)
        self._restarted = self._on_restart  # the same object, to find it again
        channel.on_restart.append(self._restarted)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.close()

    def close(self) -> None:
        """Call no function any more. The pages stay, and the server goes on. Sends nothing."""
        for number in list(self._handlers):
            self._listen(number, None)
        self._values = None
        del self._events[:]
        self._asked = 0
        if self._restarted in self._channel.on_restart:
            self._channel.on_restart.remove(self._restarted)

    # pages -----------------------------------------------------------------------------------
    def upload(self, name, data, gzip=False) -> str:
        """Write a page, in the place of an older one; return its name on the module.

        name: letters, digits, "-", "_" and "."; "index.html" is the first page. A template, whose
        marks the module fills, ends with ".fhtml". data: str, bytes-like, or a pathlib.Path of a
        file of this host. gzip: data is packed by gzip, for browsers that take it, and is written
        beside the page for all others: "app.js" as "app.gz.js".
        SPWF04Error as of radio.files.put(). ValueError, TypeError.
        """
        return self._channel.take(self.uploading(name, data, gzip))

    def uploading(self, name, data, gzip=False):
        """As upload(), in steps: see at/task.py."""
        name = self._named(name, flag(gzip, "gzip"))
        if isinstance(data, str):
            data = encoded(data, "data")
        if isinstance(data, (bytes, bytearray)):
            if gzip and bytes(data[:2]) != b"\x1f\x8b":
                raise ValueError("data is not packed by gzip")
            if b"<!--|" in data and not name.endswith(".fhtml"):
                raise ValueError("data has marks of a template: its name must end with .fhtml")
        yield from self._radio.files.putting(name, data)
        return name

    def _named(self, name, gzip):
        text = argument(name, "name", 100, True)
        if text[:1] == b"/":
            text = text[1:]
        if not text or text.strip(_IN_NAMES) or [c for c in text if c not in _IN_NAMES]:
            raise ValueError("name must be of letters, digits, - _ and .")
        text = text.decode()
        if gzip:
            at = text.rfind(".")
            if at < 1 or text.endswith(".fhtml"):
                raise ValueError("only a page with an ending can be packed, and no template")
            text = text[:at] + ".gz" + text[at:]
        return "%d:/%s" % (self._volume, text)

    # the server ------------------------------------------------------------------------------
    def lock(self, passkey, save=False) -> None:
        """Set the Key that the module's remote configuration asks for: its variable user_desc.

        passkey: 8 to 64 printable ASCII characters without a comma, and not the factory's. The
        module sends and stores it in clear. save: write it to the flash, with all other settings;
        else it is lost at the next restart. SPWF04Error if the module did not take it.
        """
        self._channel.take(self.locking(passkey, save))

    def locking(self, passkey, save=False):
        """As lock(), in steps."""
        passkey = argument(passkey, "passkey", 64, True)
        if len(passkey) < 8 or not all([32 < c < 127 for c in passkey]):
            raise ValueError("passkey must have 8 to 64 printable ASCII characters, no blanks")
        if passkey.lower() == FACTORY_KEY:
            raise ValueError("passkey is that of the factory, which everybody knows")
        save = flag(save, "save")
        channel = self._channel
        yield from ask(channel, b"AT+S.SCFG=user_desc," + passkey + b"\r", None, 3000)
        if (yield from _key(channel)) != passkey:
            raise SPWF04Error(
                errno.EIO,
                "the module did not take the passkey as it is",
                hint="Try another one, shorter and without punctuation",
                remedy="check_arguments",
            )
        yield from _saving(channel, save)

    def locked(self) -> bool:
        """False if the Key is the factory's, "anonymous": then everybody in the network can
        configure the module. It asks the module."""
        return self._channel.take(self.looking())

    def looking(self):
        """As locked(), in steps."""
        return (yield from _key(self._channel)) != FACTORY_KEY

    def serve(self, on, save=False, tftp=False, anonymous=False) -> None:
        """Switch the module's web server on or off, and its TFTP server.

        on, tftp: True or False. The module looks at them when it joins: call it before connect().
        From the factory both are on. save: keep it over a restart, with all other settings.
        SPWF04Error if the Key is still the factory's, and anonymous is not True: see lock().
        """
        self._channel.take(self.serving(on, save, tftp, anonymous))

    def serving(self, on, save=False, tftp=False, anonymous=False):
        """As serve(), in steps."""
        on, tftp = flag(on, "on"), flag(tftp, "tftp")
        save, anonymous = flag(save, "save"), flag(anonymous, "anonymous")
        channel = self._channel
        if on and not anonymous and not (yield from self.looking()):
            raise SPWF04Error(
                getattr(errno, "EACCES", 13),
                "the Key of the module's pages is still 'anonymous', which everybody knows",
                hint="Set one by lock(), or allow it by anonymous=True",
                remedy="lock_pages",
            )
        for name, value in ((b"httpd", on), (b"tftpd", tftp)):
            yield from ask(channel, b"AT+S.SCFG=ip_use_%s,%d\r" % (name, value), None, 3000)
        yield from _saving(channel, save)

    # what happens ----------------------------------------------------------------------------
    def outputs(self, handler) -> None:
        """Have handler(text) called with what a visitor has sent as the field "Output" of a form;
        None: no more.

        text: str. It ends at a line break, and beyond some 150 bytes it may be cut. Everybody who
        reaches the module can send it.
        """
        self._listen(_OUTPUT, callback(handler, "handler"), self._on_output)

    def changes(self, handler) -> None:
        """Have handler(name, value) called when a visitor has changed something, or has given a
        wrong Key; None: no more.

        name, value: str, as the form has them: "Ssid", "Scfg_blink_led", "GpioW_10", "Key".
        """
        self._listen(_CHANGE, callback(handler, "handler"), self._on_change)

    def files(self, handler) -> None:
        """Have handler(text) called when a file came from a visitor, or to the TFTP server; None:
        no more. text: the module's words, with the file's name; how they read is not known."""
        self._listen(_FILE, callback(handler, "handler"), self._on_file)

    def inputs(self, values) -> None:
        """Give the tokens that templates show; None: no more, and such pages stay empty.

        values: a list of tokens, or a dictionary {index: token}; or a function that returns one
        and is called for each page. A token is str, bytes, int, float, or None for "not given". It
        is put into the page as it is: see escaped() in template.py. All together have 127 bytes at
        most, with one for each token and one more. An empty token, and one of a single blank,
        count as not given. A page waits 30 s for its tokens. Firmware before 1.1.0 is not
        answered, because its watchdog would reset it. [j]
        ValueError, TypeError for values; what a function returns is checked when it is asked for.
        """
        if values is not None and not callable(values):
            from .template import packed

            packed(values)
        self._values = values
        self._listen(_INPUT, values, self._on_input)

    def wait(self, seconds) -> bool:
        """Take in what the module says, for up to `seconds`, and have the functions called.

        Returns True at once when one was called or a page was answered; raises what one has
        raised.
        """
        return self._channel.take(self.waiting(seconds))

    def waiting(self, seconds):
        """As wait(), in steps: see at/task.py."""
        ms = milliseconds(seconds, "seconds")
        count = self._count
        if self.error is None:  # else it is told at once
            yield Wait(lambda: self._count != count and self._task is None, ms)
        self._tell()
        return self._count != count

    def poll(self) -> None:
        """As wait(), but take what has come and return at once."""
        self._channel.poll()
        self._tell()

    def _tell(self):
        error, self.error = self.error, None
        if error is not None:
            raise error

    # indications: nothing is called here, because more of the line follows -------------------
    def _listen(self, number, handler, take=None):
        there = self._channel.on_indication
        if number in self._handlers:
            ours, before, _ = self._handlers.pop(number)
            if there.get(number) is ours:
                if before is None:
                    del there[number]
                else:
                    there[number] = before
        if handler is not None:
            self._handlers[number] = take, there.get(number), handler
            there[number] = take

    def _on_input(self, parser):
        if self._values is None:
            return  # closed, and somebody else has put this back
        self._asked = min(self._asked + 1, 4)  # as many as it has connections [j.1]
        self._pool.add_job(self._job, False)

    def _on_output(self, parser):
        text = _words(parser, 2)  # behind "Output from remote" and a length
        self._add(_OUTPUT, (text,))

    def _on_change(self, parser):
        name, _, value = _words(parser, 1).partition(":")
        self._add(_CHANGE, (name.strip(), value))

    def _on_file(self, parser):
        self._add(_FILE, (_words(parser, 0).strip(),))

    def _add(self, number, arguments):
        if number not in self._handlers:
            return  # as in _on_input()
        if len(self._events) < _EVENTS:
            self._events.append((self._handlers[number][2], arguments))
        else:
            self.missed += 1
        self._pool.add_job(self._job, False)

    def _on_restart(self):
        self._asked = 0  # no page waits any more
        self._answers = None

    # when no command is in flight ------------------------------------------------------------
    def work(self):
        """Do what is due; True when nothing is left."""
        while self._events:
            function, arguments = self._events.pop(0)
            try:
                function(*arguments)
            except Exception as e:
                self._failed(e)
            self._count += 1
        if self._task is None and self._asked:
            self._task = Task(self._channel, self._answering())
        if self._task is not None:
            try:
                if not self._task.poll():
                    return False
            except Exception as e:
                self._failed(e)
            self._task = None
            self._count += 1
        if self._events or self._asked:
            return False
        self._burst = False
        return True

    def _failed(self, error):
        if self._on_error is None:
            self.error = error
            return
        try:
            self._on_error(error)
        except Exception as e:
            self.error = e

    def _answering(self):
        """Steps: give the tokens to the page that waits."""
        if self._answers is None:
            self._answers = yield from _can_answer(self._channel)
        again, self._burst = self._burst, True
        self._asked = max(0, self._asked - 1)
        if not self._answers:
            raise SPWF04Error(
                errno.EOPNOTSUPP,
                "firmware before 1.1.0 is reset by its watchdog when it is given a page's tokens",
                hint="Update the firmware: radio.fetch_update()",
                remedy="update_firmware",
            )
        values = self._values
        if values is None:
            return
        from .template import packed

        try:
            data = packed(values() if callable(values) else values)
        except Exception as e:  # the page does not wait for what does not come
            self._failed(e)
            data = b"| |"  # one token that is not given
        exchange = Exchange()
        exchange.doubtful = True
        yield exchange.prepare(b"AT+S.INPUTSSI=%d\r" % len(data), data, 5000)
        try:
            self._channel.check(exchange)
        except ModuleError:
            if not again:  # else the answer before was for both pages
                raise


class _Job:
    """The work of a WebPages as the pool has it: see SocketPool.add_job()."""

    def __init__(self, pages):
        self._pages = pages

    def poll(self):
        return self._pages.work()


def _can_answer(channel):
    """Steps: False if the firmware is older than 1.1.0."""
    said = []

    def on_line(parser):
        if parser.starts(b"AT-S.Var:fw_version="):
            said.append(parser.text(20))

    exchange = Exchange(on_line)
    yield exchange.prepare(b"AT+S.STS=fw_version\r", None, 3000)
    if exchange.code < 0:
        channel.check(exchange)
    return not (said and (said[0][:4] == "1.0." or said[0][:2] == "0."))


def _key(channel):
    """Steps: the Key of the module's pages, bytes."""
    lines, _ = yield from ask(channel, b"AT+S.GCFG=user_desc\r", None, 3000)
    for line in lines:
        if line.startswith("AT-S.Var:user_desc="):
            return line[19:].encode()
    return b""


def _saving(channel, save):
    if save:
        yield from ask(channel, b"AT+S.WCFG\r")


def _words(parser, fields):
    """The text of an indication behind its number and so many fields, str."""
    data = parser.raw()
    for _ in range(2 + fields):
        data = data[data.find(b":") + 1 :]
    try:
        return data.decode()
    except ValueError:  # not UTF-8, or cut within a character
        return "".join([chr(c) if c < 128 else "?" for c in data])
