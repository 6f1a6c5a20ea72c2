"""Signed JSON web tokens of any issuer: their parts, keys and signatures."""
