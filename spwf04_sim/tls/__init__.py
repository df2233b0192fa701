"""Certificates as the module reads and judges them. [h] Nothing here knows of links."""
