"""How long an example takes depends on what else the machine does, and says nothing of the gateway."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")
