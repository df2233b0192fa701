"""Sockets: streams, the pool that has them, servers, UDP. No certificates."""
