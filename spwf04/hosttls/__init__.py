"""The interpreter's own TLS as a stream over a stream. Knows no trust: it is told the CAs."""
