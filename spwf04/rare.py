"""The way from the core's classes to what is seldom needed of them, in other files.

Every name that a file of the core knows costs memory, whether it is used or not. So at.rare(),
the __getattr__() of these classes, comes here, and only this file knows where the rest is.
"""

# Per class (its _rare): pairs of name and file. "name file": a function there, whose first
# argument is the object. ".name file": a property, such a function of the object alone. Names in
# capitals are in constants.py.
_TABLE = {
    "SPWF04": "disconnect status status status scan status ifconfig status config status "
    ".connected status .ipv4_address status .rssi status .mac_address status .firmware status "
    ".hostname status get settings set settings save settings time epoch set_time epoch "
    "time_is_set epoch ntp epoch reset reset",
    "SocketPool": "getaddrinfo names .gaierror names",
    "Socket": "recv_into transfer send transfer recv stream read stream readinto stream readline "
    "stream write stream sendall stream setblocking odds setsockopt odds version odds cipher odds "
    "bind server listen server accept server makefile makefile ioctl stepwise",
    "CertificateStore": "list seldom remove seldom clear seldom discover discover "
    "install_for trust keep_for_host trust pin pin diagnose diagnose forget_identity identity "
    ".identity identity place placing clear_slot placing command lines",
    "Entry": ".subject entry .not_after entry .volatile entry .volume entry",
    "SSLContext": "load_cert_chain identity load_verify_locations odds",
}


def find(owner, name):
    """What `owner` has under this name; AttributeError."""
    words = _TABLE[owner._rare].split(" ")
    names = words[::2]
    if name in names:
        file = words[names.index(name) * 2 + 1]
        if file in ("stream", "transfer"):
            # on the data path: from now on it is a method of the class
            setattr(_function("tcp", "Socket"), name, _function(file, name))
            return getattr(owner, name)

        def call(*args, **options):
            try:
                return _function(file, name)(owner, *args, **options)
            except RuntimeError as e:
                from .refusal import too_deep

                raise too_deep(e)

        return call
    if "." + name in names:
        return _function(words[names.index("." + name) * 2 + 1], name)(owner)
    if name.isupper():
        return _function("constants", name)
    raise AttributeError(name)


def _function(file, name):
    if name in ("list", "set"):  # they have names of the language
        name += "_"
    return getattr(__import__(file, globals(), None, (name,), 1), name)
