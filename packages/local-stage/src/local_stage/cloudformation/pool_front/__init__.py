"""Enforces in front of MiniStack's user pools what decides who signs in and MiniStack leaves undone.

Each subject is a guard of its own, and `front.py` has all of them in their order.
"""
