"""Names of the roots that nearly all public servers use. Made by tools/common_roots.py.

Source: github.com/espressif/esp-idf, components/mbedtls/esp_crt_bundle/cmn_crt_authorities.csv
License of that repository: Apache-2.0. These are the names alone, by which the certificates are
found among certifi's.
"""

COMMIT = "cdff63e838c4468af27a3a553720aed1f029db41"
DATE = "2026-06-10"  # of that commit

# Common name or unit of the subject
NAMES = (
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
    "DigiCert Assured ID Root G2",
    "DigiCert Assured ID Root G3",
    "DigiCert Global Root G2",
    "DigiCert Global Root G3",
    "DigiCert TLS ECC P384 Root G5",
    "DigiCert TLS RSA4096 Root G5",
    "DigiCert Trusted Root G4",
    "GlobalSign Root CA - R6",
    "GlobalSign ECC Root CA - R5",
    "GlobalSign Root CA - R3",
    "GlobalSign Root E46",
    "GlobalSign Root R46",
    "Go Daddy Root Certificate Authority - G2",
    "Starfield Class 2 CA",
    "Starfield Root Certificate Authority - G2",
    "GlobalSign ECC Root CA - R4",
    "GTS Root R1",
    "GTS Root R3",
    "GTS Root R4",
    "IdenTrust Commercial Root CA 1",
    "IdenTrust Public Sector Root CA 1",
    "ISRG Root X1",
    "ISRG Root X2",
    "Comodo AAA Services root",
    "COMODO ECC Certification Authority",
    "COMODO RSA Certification Authority",
    "Sectigo Public Server Authentication Root E46",
    "Sectigo Public Server Authentication Root R46",
    "USERTrust ECC Certification Authority",
    "USERTrust RSA Certification Authority",
)
