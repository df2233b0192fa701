"""The way from the core's classes to what is seldom needed of them, in other files.

Every name that a file of the core knows costs memory, whether it is used or not. So at.rare(),
the __getattr__() of these classes, comes here, and only this file knows where the rest is.
"""

# Per class (its _rare): pairs of name and file. "name file": a function there, whose first
# argument is the object. ".name file": a property, such a function of the object alone. Names in
# capitals are in net/constants.py.
_TABLE = {
    "SocketPool": "getaddrinfo net.names .gaierror net.names",
    "Socket": "recv_into net.transfer send net.transfer recv net.stream read net.stream "
    "readinto net.stream readline net.stream write net.stream sendall net.stream "
    "setblocking net.odds setsockopt net.odds version net.odds cipher net.odds "
    "bind net.server listen net.server accept net.server makefile net.makefile "
    "ioctl net.stepwise",
}


def find(owner, name):
    """What `owner` has under this name; AttributeError."""
    words = _TABLE[owner._rare].split(" ")
    names = words[::2]
    if name in names:
        file = words[names.index(name) * 2 + 1]
        if file in ("net.stream", "net.transfer"):
            # on the data path: from now on it is a method of the class
            setattr(_function("net.socket", "Socket"), name, _function(file, name))
            return getattr(owner, name)

        def call(*args, **options):
            try:
                return _function(file, name)(owner, *args, **options)
            except RuntimeError as e:
                from ..tls.refusal import too_deep

                raise too_deep(e)

        return call
    if "." + name in names:
        return _function(words[names.index("." + name) * 2 + 1], name)(owner)
    if name.isupper():
        return _function("net.constants", name)
    raise AttributeError(name)


def _function(file, name):
    if name in ("list", "set"):  # they have names of the language
        name += "_"
    return getattr(__import__(file, globals(), None, (name,), 2), name)
