"""Sockets: streams, the pool that has them, servers, UDP. Knows no certificate."""
