"""TLS for the experiments: certificates and servers that show them, and a CA on the module."""
