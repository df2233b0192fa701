"""The interpreter's own TLS as a stream over a stream. It does not decide which CAs to trust."""
