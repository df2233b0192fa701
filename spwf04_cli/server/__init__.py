"""TLS servers, asked from this computer: what they show, and whether the module can take it."""
