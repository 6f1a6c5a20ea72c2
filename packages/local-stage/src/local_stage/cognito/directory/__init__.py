"""A user pool's people: how an administrator makes them, and how they sign in."""
