"""What is around a module: networks, names, servers, and time."""
