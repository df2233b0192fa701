"""Why a network was not joined, in words. Loaded for that only."""

from .errors import JoinError


def failure(radio, timeout, restarted, kinds, refused):
    """Return the JoinError for a join that did not lead to an address.

    restarted: the module restarted meanwhile. kinds: the kinds of security of the access points
    that a scan showed, as in scan(). refused: how often one refused, or did not answer.
    """
    counts = radio.indications
    name = _named(radio.ssid)
    if restarted:
        return JoinError(
            JoinError.TIMEOUT,
            "the module restarted while it joined " + name,
            "Call connect() again. If it happens often, check the power supply",
            "retry",
        )
    if radio.ip or counts[85] or (radio.stage in (25, 51) and not refused):  # associated
        return JoinError(
            JoinError.NO_LEASE,
            name + " was joined, but DHCP gave no address",
            "Check the access point's DHCP server (of a WEP network, the key too), or set an "
            "address with ifconfig()",
            "check_dhcp",
        )
    return _other_security(radio, name, kinds) or _unanswered(radio, name, timeout, refused)


def _unanswered(radio, name, timeout, refused):
    """The access point refuses, does not answer, or is not there."""
    counts = radio.indications
    if counts[76] + counts[77] >= refused > 0:
        return JoinError(
            JoinError.TIMEOUT,
            name + " was found, but does not answer",
            "Move closer, or try again: the signal may be weak",
            "retry",
        )
    if refused:
        return JoinError(
            JoinError.REFUSED,
            name + " refused %d times, most likely because the password is wrong" % refused,
            "Check the password. If it is right, the access point may filter stations",
            "check_password",
        )
    if radio.stage in (0, 21):  # scanning
        return JoinError(
            JoinError.NOT_FOUND,
            name + " was not found in %d scans" % counts[35],
            "Check name (case-sensitive), distance and band (2.4 GHz); see scan()",
            "check_network",
        )
    return JoinError(
        JoinError.TIMEOUT,
        name + " was not joined within %g s" % timeout,
        "Try a longer timeout, or move closer",
        "check_network",
    )


def _other_security(radio, name, kinds):
    """The network has another kind of security than was asked for; None if that is not known."""
    if radio.joined_as is None or radio.joined_as[0] != radio.ssid:
        return None  # what was asked for is in the module
    closed = bool(radio.joined_as[1])
    fitting = [kind for kind in kinds if (kind > 1 if closed else kind == 0)]
    if kinds and not fitting:
        if 1 in kinds:
            return JoinError(
                JoinError.SECURITY,
                name + " uses WEP, which connect() does not set up",
                "Use WPA2. Or set wifi_priv_mode and the variables of WEP with set(), and call "
                "connect() without a name",
                "use_wpa2",
            )
        if closed:
            return JoinError(
                JoinError.SECURITY,
                name + " is an open network, and a password was given",
                "Leave the password out, if that is the network you mean",
                "omit_password",
            )
        return JoinError(
            JoinError.SECURITY,
            name + " needs a password",
            "Give its password to connect()",
            "give_password",
        )
    if radio.indications[74]:
        return JoinError(
            JoinError.SECURITY,
            name + " was found, but its security is of another kind",
            "It may be open, or need a password, or be for users with a name (WPA-Enterprise), or "
            "use WPA3, which the module does not know",
            "check_security",
        )
    return None


def _named(ssid):
    """A network in the words of a message."""
    if not ssid:
        return "the network that the module has stored"
    return '"' + "".join([chr(c) if 32 <= c < 127 else "?" for c in ssid]) + '"'
