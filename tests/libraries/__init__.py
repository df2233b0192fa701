"""Other people's libraries over our sockets. They come from their own packages, unmodified."""
