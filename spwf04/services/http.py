"""The module's HTTP client. [j, j.1]

    from spwf04.services.http import get, post

    page = get(radio, "https://www.example.com/page.html", context=SSLContext(roots=roots))
    print(page.status_code, page.content)

The words are those of `requests`. The body comes by a file of the module, or raw, piece by piece,
to a function or buffer of the caller (into=). A file's bytes come in a frame, which tells how many
they are; the raw ones have none, see at/raw.py. A body that is sent comes from a file.

The module tells no header fields. So the length of a body is not known, and what can be known of
its end is in Response.complete.
"""

from ..checks import radio as checked
from ..errors import SPWF04Error, errno
from ..payload import payload
from .httprequest import Request, load
from .httpurl import file_name, form

_UNKNOWN = "the module tells no length: a server that stopped early looks the same"


class Response:
    """What became of a request.

    status_code: int. reason: the server's word for it, "" if the module does not tell it. url:
    without user and password. headers: {name in lower case: value}, or None, as nearly always: the
    module does not tell them. size: bytes of the body. file: name of the module's file that has
    the body, or None.

    complete: True if the body is whole, False if it is not, None if nothing tells. why: the
    reason of that in words.
    """

    def __init__(self, radio, status, url):
        self._radio = radio
        self._content: "bytes | bytearray | None" = None
        self.status_code = status
        self.url = url
        self.reason = ""
        self.headers: "dict[str, str] | None" = None
        self.file: "str | None" = None
        self.size = 0
        self.complete: "bool | None" = None
        self.why = _UNKNOWN

    @property
    def ok(self) -> bool:
        """True for a status below 400."""
        return self.status_code < 400

    @property
    def content(self):
        """The body, bytes-like. If it is in a file of the module, that is read now. ValueError if
        it was given to `into`."""
        if self._content is None:
            self._radio.channel.take(self.loading())
        return self._content

    def loading(self):
        """As content, in steps: see at/task.py. content, text and json() do not wait then."""
        if self._content is None:
            if self.file is None:
                raise ValueError("the body was given to into")
            self._content = yield from load(self._radio, self.file)
        return self._content

    @property
    def text(self) -> str:
        """The body as text in UTF-8. UnicodeError."""
        return str(self.content, "utf-8")  # pyright: ignore[reportArgumentType]

    def json(self):
        """Return what the body says in JSON. ValueError."""
        from json import loads

        return loads(self.text)

    def raise_for_status(self) -> None:
        """SPWF04Error (EIO) for a status of 400 and above; its code is the status."""
        if not self.ok:
            raise SPWF04Error(
                errno.EIO,
                "the server answered with status %d" % self.status_code,
                self.status_code,
                hint="Look at the URL and at what the page says: content",
                remedy="check_url",
            )

    def keep(self, body):
        """For the driver: this is the body."""
        self._content = body
        self.size = len(body)

    def close(self) -> None:
        """Nothing is open; for programs that call it."""

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass


def get(
    radio, url, *, to=None, into=None, auth=None, context=None, chunked=None, timeout: float = 60
) -> Response:
    """Get a page; return a Response.

    radio: SPWF04. url: str, http:// or https://, with user:password@ and port if need be. Its path
    and query may have any character; those that a URL cannot have are written as %XX. auth: (user,
    password) instead of those of the URL. context: for https, an SSLContext that says which CAs to
    trust; None or True: those on the module.

    Where the body goes: to: the name of a file of the module, as radio.files has them. Its old
    content stays unless a new one has come with a status below 400. into: a function, called with
    a memoryview for each piece of 1 to 256 bytes as they come; or a buffer, which is filled. The
    function must not use the radio, must copy what it keeps, and gets the bytes of an answer whose
    end is damaged, too. Neither: into the Response, by a file on the RAM disk of the module, which
    must have room for it.

    chunked: True: this server sends chunks; they are decoded, and checked. None: only if the
    module tells so. timeout: seconds for the whole.

    A status of 400 and above is no error: see Response. ModuleError, CertificateError, SPWF04Error
    (ETIMEDOUT). ValueError, TypeError.
    """
    return checked(radio).channel.take(
        getting(
            radio,
            url,
            to=to,
            into=into,
            auth=auth,
            context=context,
            chunked=chunked,
            timeout=timeout,
        )
    )


def getting(
    radio, url, *, to=None, into=None, auth=None, context=None, chunked=None, timeout: float = 60
):
    """As get(), in steps: see at/task.py.

    radio, url, to, into, auth, context, chunked, timeout in seconds: as get() has them.
    """
    asked = Request(Response, radio, url, auth, context, timeout, chunked, to, into)
    return (yield from asked.run(b"GET"))


def post(
    radio,
    url,
    data=None,
    *,
    json=None,
    file=None,
    to=None,
    into=None,
    auth=None,
    context=None,
    chunked=None,
    timeout: float = 60,
) -> Response:
    """Send a body to a server; return a Response.

    data: bytes-like; str, sent as UTF-8; or a dictionary, sent as the fields of a form. json: what
    is sent as JSON instead. file: the name of a file of the module instead. data and json go to
    the server by a file on the module's RAM disk, which must have room for them. Which type the
    module tells the server is not known. [j.1] radio, url, to, into, auth, context, chunked,
    timeout in seconds: as get() has them.
    """
    return checked(radio).channel.take(
        posting(
            radio,
            url,
            data,
            json=json,
            file=file,
            to=to,
            into=into,
            auth=auth,
            context=context,
            chunked=chunked,
            timeout=timeout,
        )
    )


def posting(
    radio,
    url,
    data=None,
    *,
    json=None,
    file=None,
    to=None,
    into=None,
    auth=None,
    context=None,
    chunked=None,
    timeout: float = 60,
):
    """As post(), in steps: see at/task.py.

    radio, url, data, json, file, to, into, auth, context, chunked, timeout in seconds: as post()
    has them.
    """
    asked = Request(Response, radio, url, auth, context, timeout, chunked, to, into)
    if (data is None) + (json is None) + (file is None) < 2:
        raise ValueError("give one of data, json and file")
    if file is not None:
        return (yield from asked.run(b"POST", file_name(file, "file")))
    kind = "bin"
    if json is not None:
        from json import dumps

        data, kind = dumps(json).encode(), "json"
    elif isinstance(data, dict):
        data = form(data)
    elif isinstance(data, str):
        kind = "txt"
    data = payload(b"" if data is None else data, "data", text=True)
    return (yield from asked.run(b"POST", "", data, kind))
