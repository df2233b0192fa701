"""Whether a network lets the module in: its kind of security, its key, its users. [c.3, f.1]"""

from ..tls.certificate import load

_WRONG_KEY, _NOT_AUTHENTICATED = 2, 23  # reasons of 802.11; the first was seen [T14]
_EAP_TLS = "0"


def raw(text):
    """Return the bytes that the value of a variable was sent as."""
    return text.encode("utf-8", "surrogateescape")


def fits(point, variables):
    """True if the configuration is for the kind of security that an AccessPoint has."""
    kinds = {"open": "0", "WEP": "1", "WPA2-Enterprise": "3"}
    return variables["wifi_priv_mode"] == kinds.get(point.security, "2")


def authenticates(point, variables):
    """True unless one side wants the key of WEP shown first and the other does not."""
    if point.security != "WEP" or point.shared_auth is None:
        return True
    return point.shared_auth == (variables["wifi_auth_type"] == "1")


def refusal(module, point):
    """Return the reason for which an AccessPoint sends the module away, None if it does not."""
    variables = module.variables
    if point.security == "open":
        return None
    if point.security == "WEP":
        shown = variables["wifi_auth_type"] == "1"
        return _WRONG_KEY if shown and not same_wep_key(point, variables) else None
    if point.security == "WPA2-Enterprise":
        return None if _eap_succeeds(module, point) else _NOT_AUTHENTICATED
    return None if raw(variables["wifi_wpa_psk_text"]) == point.password else _WRONG_KEY


# WEP -----------------------------------------------------------------------------------------
def wep_key(variables):
    """Return (number, key) of the WEP key in use; the key is None if it is none. [T11]

    wifi_wep_key_lens has two hexadecimal digits for each key, its length in bytes.
    """
    index = variables["wifi_wep_default_key"]
    if index not in ("0", "1", "2", "3"):
        return 0, None
    index = int(index)
    try:
        key = bytes.fromhex(variables[f"wifi_wep_keys[{index}]"].replace(":", ""))
        lengths = bytes.fromhex(variables["wifi_wep_key_lens"].replace(":", ""))
    except ValueError:
        return index, None
    if index >= len(lengths) or lengths[index] not in (5, 13) or len(key) < lengths[index]:
        return index, None
    return index, key[: lengths[index]]


def same_wep_key(point, variables):
    """True if what one side sends the other can read."""
    return wep_key(variables) == (point.wep_index, _wep_bytes(point.password or b""))


def _wep_bytes(password):
    if len(password) in (10, 26):
        try:
            return bytes.fromhex(password.decode("latin-1"))
        except ValueError:
            pass
    return password


# WPA-Enterprise ------------------------------------------------------------------------------
def _eap_succeeds(module, point):
    variables = module.variables
    kind = variables["wifi_eap_type"]
    if kind not in [str(known) for known in point.eap_types]:
        return False
    if not _server_trusted(module, point):
        return False
    if kind == _EAP_TLS:
        return _shows_certificate(module, point)
    identity = raw(variables["wifi_eap_identity"])
    password = raw(variables["wifi_eap_passwd"])
    return point.users.get(identity) == password


def _server_trusted(module, point):
    """Whether the module trusts the server behind an access point. [h.1, T1]"""
    data = module.flash.eap.get("ca")
    if data is None:
        return module.quirks.eap_without_ca == "taken"
    ca = load(data, "both")
    if ca is None or ca.own_key is None:
        return False
    if module.quirks.eap_dates and not ca.begins <= module.time <= ca.ends:
        return False
    if point.ca is None:
        return True
    servers = load(point.ca, "both")
    return servers is not None and servers.own_key == ca.own_key


def _shows_certificate(module, point):
    """Whether the module has a certificate that an access point takes, and a key."""
    data = module.flash.eap.get("cert")
    if data is None or "key" not in module.flash.eap:
        return False
    if point.client_ca is None:
        return True
    own, ca = load(data, "both"), load(point.client_ca, "both")
    return own is not None and ca is not None and own.signed_by(ca)
