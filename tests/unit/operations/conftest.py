"""The environment of the function that the hook calls, set before its module is imported."""

from __future__ import annotations

import os

# As the function's own tests set it: both may run in one process, which imports the module once.
os.environ["ALLOWED_ORIGIN"] = "https://app.example.com"
os.environ["POWERTOOLS_SERVICE_NAME"] = "hello-api"
