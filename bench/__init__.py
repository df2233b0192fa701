"""What the driver costs. `make bench` measures it, prints it and writes docs/performance.*."""
