"""The radio of a module: networks that it joins, and the network that it makes. [b.2, c.3, d]"""
