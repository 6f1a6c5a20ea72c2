"""locust: ten users for three seconds, with a token.

Set: the header Authorization of the client
"""

import pathlib
import subprocess
import sys

from given import given

pathlib.Path("locustfile.py").write_text("""
import json, os
from locust import HttpUser, task
given = json.loads(os.environ["GIVEN"])

class Caller(HttpUser):
    @task
    def call(self):
        headers = {"Authorization": "Bearer " + given["id_token"]}
        self.client.get("/hono/caller?tag=a", headers=headers)
""")
options = ["--headless", "--users", "10", "--spawn-rate", "10", "--run-time", "3s", "--host", given["rest"]]
done = subprocess.run(
    [sys.executable, "-m", "locust", *options, "--only-summary"], capture_output=True, text=True
)
assert done.returncode == 0, done.stderr
assert " 0(0.00%)" in done.stderr + done.stdout, done.stdout
