"""What it costs: `make bench` measures, prints, writes docs/performance.*; see __main__.py."""
