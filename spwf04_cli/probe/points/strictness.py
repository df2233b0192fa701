"""How strict its TLS is: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "How strict its TLS is"

POINTS = [
    Point(
        "tls_versions",
        {
            "1.0": "it goes down to TLS 1.0 with an old server",
            "1.2": "TLS 1.2 alone",
        },
        "a server limited to TLS 1.0, its CA installed: does `AT+S.SOCKON` connect? "
        "ST's release notes say so; **nothing tells the host which version a "
        "connection has**",
    ),
    Point(
        "suites",
        {
            "ecdhe_rsa": "ECDHE and RSA key exchange, GCM and CBC",
            "no_gcm": "CBC alone",
            "with_dhe": "DHE too",
        },
        "`openssl s_server -cipher …` with one suite at a time; or a capture of the "
        "module's ClientHello, which shows all",
    ),
    Point(
        "renegotiation",
        {
            "refused": "refused with a warning",
            "done": "done",
        },
        "`openssl s_server`, then `R` and Enter: does the connection go on?",
    ),
    Point(
        "tls_clients_error",
        {
            74: "74",
            75: "75",
            91: "91 for a third connection over TLS, on firmware 1.0.0 for a second",
        },
        "open three with the fourth argument of `AT+S.SOCKON`. **Those of HTTPS, WSS "
        "and MQTTS are taken to count too**: one of these and two sockets",
    ),
    Point(
        "certificate_error_rule",
        {
            23: "23",
            24: "another number for a chain that breaks a rule of X.509",
        },
        "a server whose intermediate has CA:FALSE",
    ),
    Point(
        "x509_rules",
        {
            "all": (
                "CA flag, path length, key usage of CAs and servers, critical "
                "extensions, key identifiers, purposes and serial numbers"
            ),
            "no_ca_purpose": "all but the purposes of CAs",
            "ca_flag": "the CA flag alone",
            "none": "none",
        },
        "a server for each rule, with a chain that breaks it. **If none is enforced, "
        "any server with a certificate of the same CA can show itself as any other**",
    ),
    Point(
        "name_constraints",
        {
            "all": "all kinds of names",
            "dns": "names of hosts alone",
            "unknown": "unknown, so that a critical extension is refused",
            "ignored": "ignored",
        },
        "a CA whose constraints do not permit the server; one whose constraints do",
    ),
    Point(
        "name_rules",
        {
            "strict": "strict",
            "cn_beside_san": "the common name counts beside alternative names",
            "ip_as_text": "an address as a name of a host",
            "no_ip": "addresses never fit",
            "partial": "`f*.example.com`",
            "deep": "`*.example.com` for two labels",
        },
        "a server with each kind of certificate",
    ),
    Point(
        "self_issued",
        {
            "rfc5280": (
                "a CA's certificate for its own new key is an intermediate, and not "
                "counted in path lengths"
            ),
            "counted": "counted",
            "by_name": "taken for a root, because subject and issuer are the same",
        },
        "a chain through such a certificate, the CA with path length 0",
    ),
    Point(
        "issuer_names",
        {
            "rfc5280": (
                "letters of a name without their case, blanks as one, any type of "
                "string, as RFC 5280 7.1 says"
            ),
            "bytes": "byte for byte",
        },
        "an intermediate whose issuer is written otherwise than in its CA",
    ),
    Point(
        "chain_order",
        {
            "any": "the certificates of a server in any order, with others between",
            "given": "each must be signed by the next",
        },
        "a server that sends root and intermediate in the wrong order, or one certificate twice",
    ),
    Point(
        "algorithms",
        {
            "nist": "RSA, and ECDSA with P-256, P-384 and P-521",
            "p256": "of the curves P-256 alone",
            "more": "RSA-PSS and other curves too",
        },
        "a server with each kind of key",
    ),
    Point(
        "least_rsa",
        {
            2048: "2048 bits",
            1024: "1024",
            0: "any",
        },
        "a server with an RSA key of 1024 bits, then of 512",
    ),
    Point(
        "own_key",
        {
            "older": "PKCS#1 and SEC1",
            "pkcs8": "PKCS#8 too",
        },
        "`AT+S.TLSCERT=key,<n>` with each form, then a server that asks for a "
        "certificate. The driver converts PKCS#8",
    ),
]
