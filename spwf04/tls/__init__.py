"""Trust: which server is believed, and why not."""
