#!/usr/bin/env bash
# Package: awslambdaric 4.2.2 on Python 3.13 and Linux with glibc, seen on 2026-11-30.
#
# AWS's runtime interface client for Python puts the trace id of each invocation into `_X_AMZN_TRACE_ID`, which is a call of
# the C library's setenv, and glibc keeps every value that a variable has ever had. A warm function whose handler does
# nothing therefore grows with each invocation, by some 0.1 kB; where all have the same trace id it does not.
#
# Output seen:
#   20,000 invocations with a trace id each: grows by more than 1 MB
#   20,000 invocations with the same trace id: grows by less than 1 MB
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check awslambdaric==4.2.2
cat >"$folder/app.py" <<'PYTHON'
import os
from pathlib import Path


def handler(event, context):
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
PYTHON
cat >"$folder/show.py" <<'PYTHON'
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from queue import Queue
from threading import Thread

WARM_UP, INVOCATIONS = 2_000, 20_000
received = Queue()
number = count()
is_new_each_time = sys.argv[2] == "new"


class RuntimeApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        trace_id = f"{next(number) if is_new_each_time else 0:024x}"
        headers = {
            "Lambda-Runtime-Aws-Request-Id": "1",
            "Lambda-Runtime-Deadline-Ms": "9999999999999",
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
            "Lambda-Runtime-Trace-Id": f"Root=1-5759e988-{trace_id};Sampled=0",
            "Content-Type": "application/json",
            "Content-Length": "2",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.wfile.write(f"HTTP/1.1 200 OK\r\n{lines}\r\n{{}}".encode())

    def do_POST(self):
        received.put(int(self.rfile.read(int(self.headers["Content-Length"]))))
        self.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")


with ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi) as server:
    server.handle_error = lambda *_: None  # the function is killed while it waits
    Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": sys.argv[1],
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
    }
    command = [sys.executable, "-m", "awslambdaric", "app.handler"]
    function = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    sizes = [received.get(timeout=60) for _ in range(WARM_UP + INVOCATIONS)]
    function.kill()
    function.wait()
    server.shutdown()
grown = sizes[-1] - sizes[WARM_UP]
kind = "with a trace id each" if is_new_each_time else "with the same trace id"
print(f"{INVOCATIONS:,} invocations {kind}: grows by {'more' if grown > 1_000_000 else 'less'} than 1 MB")
PYTHON
seen=$(for kind in new same; do "$folder/venv/bin/python" "$folder/show.py" "$folder" "$kind"; done)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
