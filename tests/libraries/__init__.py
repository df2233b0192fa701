"""Other people's libraries, from their own packages, unmodified, over our sockets."""
