#!/usr/bin/env bash
# Package: awslambdaric 4.2.2 on Python 3.13, seen on 2026-11-30.
#
# AWS's runtime interface client for Python waits for each invocation in a thread of its own, made for it: where
# AWS_EXECUTION_ENV names python3.12 or newer it opens a ThreadPoolExecutor before every call of the Runtime API's `next`,
# and closes it when the event is there. A warm function thus starts one thread for each invocation, although its handler
# always runs in the main one.
#
# Output seen:
#   the handler runs in MainThread
#   executors made before the 1st, 2nd and 3rd invocation: 1, 2, 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check awslambdaric==4.2.2
cat >"$folder/app.py" <<'PYTHON'
import threading
from concurrent.futures import ThreadPoolExecutor


def handler(event, context):
    with ThreadPoolExecutor() as executor:  # named after the number of those that were made before it
        name = executor.submit(lambda: threading.current_thread().name).result()
    return {"thread": threading.current_thread().name, "executors": int(name.split("-")[1].split("_")[0])}
PYTHON
cat >"$folder/show.py" <<'PYTHON'
import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread

received = Queue()
responses = []


class RuntimeApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "1")
        self.send_header("Lambda-Runtime-Deadline-Ms", "9999999999999")
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:f")
        self.send_header("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self):
        received.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


with ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi) as server:
    server.handle_error = lambda *_: None  # the function is killed while it waits
    Thread(target=server.serve_forever, daemon=True).start()
    api = f"127.0.0.1:{server.server_port}"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": sys.argv[1],
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_RUNTIME_API": api,
    }
    command = [sys.executable, "-m", "awslambdaric", "app.handler"]
    function = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    for _ in range(3):
        responses.append(received.get(timeout=60))
    function.kill()
    function.wait()
    server.shutdown()
print("the handler runs in", responses[0]["thread"])
# Each invocation of this handler makes one more itself.
made = [response["executors"] - number for number, response in enumerate(responses)]
print("executors made before the 1st, 2nd and 3rd invocation:", ", ".join(map(str, made)))
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" "$folder")
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
