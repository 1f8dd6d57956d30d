"""The numbered log of everything people may watch live, and the socket that carries it."""
