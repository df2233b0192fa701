"""TLS and certificates: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "TLS and certificates"

POINTS = [
    Point(
        "tls_info_lines",
        {
            "first": "`Loading` at the first connection",
            "always": "at each",
            "never": "never",
        },
        "two TLS connections after a boot",
    ),
    Point(
        "skip_ca",
        {
            True: "`Skip CA`, one for each CA the server sent",
            False: "never",
        },
        "the same",
    ),
    Point(
        "tls_error",
        {
            74: "74",
            111: "111 after `Certificate Error`",
        },
        "`AT+S.TLSCERT=content,2`, connect by TLS: the last line",
    ),
    Point(
        "certificate_error_date",
        {
            23: "23",
            9: "9",
            24: "24",
        },
        "the right CA, `AT+S.TIME=1000000000`, connect",
    ),
    Point(
        "certificate_error_name",
        {
            5: "5",
            23: "23",
        },
        "the right CA, a wrong fourth argument",
    ),
    Point(
        "certificate_error_size",
        {
            22: "22",
            11: "11",
        },
        "a server with a certificate above 2.5 KB",
    ),
    Point(
        "certificate_error_parse",
        {
            11: "11",
            23: "23",
        },
        "a server with a certificate whose subject is not UTF-8, or whose date is no date",
    ),
    Point(
        "name_check",
        {
            "san_and_cn": "SAN and CN, wildcards",
            "cn": "CN alone",
            "literal": "no wildcards",
        },
        "TLS servers with a name in SAN alone, in CN alone, with `*.example.com`: "
        "which connect with the fourth argument `www.example.com`?",
    ),
    Point(
        "app_name_check",
        {
            "checked": "the name in the certificate must be the host's",
            "unchecked": "any name does, in HTTPS, MQTT, WebSocket and mail",
        },
        "`AT+S.HTTPGET=<address>,/,443,2,,,,` to a TLS server whose certificate has another name "
        "and is under the CA on the module. **Until it is known, secrets go to public servers by "
        "sockets only**: a socket names the server in its fourth argument",
    ),
    Point(
        "ski_line",
        {
            True: "a `SubjectKeyId` line after `TLSCERT=ca`",
            False: "none",
        },
        "`AT+S.TLSCERT=ca,<n>` with a CA as DER, and as PEM: is there a line before OK?",
    ),
    Point(
        "slot_lookup",
        {
            True: "the flash slot is looked at",
            False: "is not",
        },
        "a CA in the slot, no `.ca` file in `AT+S.FSL`, connect by TLS",
    ),
    Point(
        "slot_encoding",
        {
            "both": "DER and PEM",
            "der": "DER",
        },
        "the same with PEM",
    ),
    Point(
        "file_lookup",
        {
            True: "`.ca` files are looked at",
            False: "are not",
        },
        "`AT+S.TLSCERT=content,2`, `<ski>.ca` by `AT+S.FSC`, connect",
    ),
    Point(
        "ca_file_encoding",
        {
            "both": "DER and PEM",
            "der": "DER",
            "pem": "PEM",
        },
        "the same with each",
    ),
    Point(
        "ca_file_name",
        {
            "plain": "`7fd365….ca`",
            "colons": "`7f:d3:65:….ca`",
        },
        "the same with each",
    ),
    Point(
        "ca_lookup",
        {
            "top": "the CA above the last certificate that the server sends",
            "each": "above any of them",
            "leaf": "above the leaf",
        },
        "a TLS server that sends leaf and intermediate (`-cert leaf.pem -cert_chain "
        "intermediate.pem`): the root in the slot, connect by TLS; then the "
        "intermediate in the slot",
    ),
    Point(
        "no_identifier",
        {
            "refused": "a chain without authority key identifier: refused",
            "slot": "the slot's CA by its name",
            "auth": "by an identifier given with `auth`",
        },
        "a TLS server with a self-signed certificate without identifiers (`openssl "
        "req -x509` with `-addext subjectKeyIdentifier=none -addext "
        "authorityKeyIdentifier=none`), the same in the slot: does it connect? Again "
        "after `AT+S.TLSCERT=auth,20` CR and the SHA-1 of its public key, 20 bytes",
    ),
    Point(
        "content_text",
        {
            "count": "a count",
            "ski": "the identifier",
            "keywords": "keywords",
        },
        "`AT+S.TLSCERT=content,1` with a CA in the slot. It is asked only whether the"
        " slot is as its note says; the SHA-256 of the CA is in the note alone",
    ),
    Point(
        "peer_certificate_limit",
        {
            True: "a certificate above 2.5 KB is refused",
            False: "taken",
        },
        "newer firmware: a server whose certificate has more than 2.5 KB (a hundred "
        "names), its CA in the slot: does it connect?",
    ),
    Point(
        "mixed_chains",
        {
            False: "refused with 11",
            True: "taken",
        },
        "newer firmware: a TLS server with an ECDSA certificate that an RSA root has "
        "signed, the root in the slot: does it connect?",
    ),
    Point(
        "old_hashes",
        {
            "refused": "a certificate signed with SHA-1 or MD5 is refused with 23",
            "taken": "taken",
            "sha1": "taken with SHA-1",
        },
        "a server with such a certificate, its CA installed",
    ),
    Point(
        "rsa4096",
        {
            "nowhere": "refused with 22 everywhere",
            "root": "taken in the root",
            "everywhere": "taken",
        },
        "a chain with an RSA-4096 certificate; one whose root alone has such a key",
    ),
]
