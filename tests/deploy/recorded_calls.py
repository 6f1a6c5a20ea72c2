"""Which rights the calls of SAM CLI need on AWS: all of them pass here on their way to a local AWS."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.deploy.sam_project import SamProject

_BUCKET_SETTINGS: Final = {
    "encryption": "EncryptionConfiguration",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
}
_S3: Final = {"DELETE": "DeleteObject", "GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject"}
_S3_BUCKET: Final = {
    "DELETE": "DeleteBucket",
    "GET": "ListBucket",
    "HEAD": "ListBucket",
    "PUT": "CreateBucket",
}


def right_of(method: str, target: str, authorization: str, body: bytes) -> str:
    """Return the right that a signed call needs, as `cloudformation:DescribeStacks`.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html
    """
    service = authorization.split("/")[3]
    if service == "s3":
        return f"s3:{_s3_action(method, target)}"
    (action,) = parse_qs(body.decode())["Action"]
    return f"{service}:{action}"


def _s3_action(method: str, target: str) -> str:
    address = urlsplit(target)
    query = parse_qs(address.query, keep_blank_values=True)
    if setting := next((_BUCKET_SETTINGS[name] for name in query if name in _BUCKET_SETTINGS), None):
        return f"{'Get' if method == 'GET' else 'Put'}{setting}"
    if method == "POST" and "delete" in query:
        return "DeleteObject"
    return (_S3 if "/" in address.path.strip("/") else _S3_BUCKET)[method]


class _Recorder(ThreadingHTTPServer):
    """Passes each call on to the local AWS, and notes what right it needs."""

    def __init__(self, settings: LocalAwsSettings) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.settings = settings
        self.rights: set[str] = set()


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Recorder

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        right = right_of(self.command, self.path, self.headers["Authorization"], body)
        self.server.rights.add(right)
        local_aws = http.client.HTTPConnection("127.0.0.1", self.server.settings.port, timeout=60)
        with contextlib.closing(local_aws):
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            local_aws.request(self.command, self.path, body, headers)
            answer = local_aws.getresponse()
            content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else len(content)
        self.send_header("Content-Length", str(length or 0))
        self.end_headers()
        self.wfile.write(content)

    do_DELETE = do_GET = do_HEAD = do_PUT = do_POST  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def recorded(project: SamProject) -> Iterator[tuple[SamProject, set[str]]]:
    """Yield the project with SAM CLI's calls recorded, and the rights that they have needed so far."""
    with _Recorder(project.local_aws) as recorder:
        thread = threading.Thread(target=recorder.serve_forever)
        thread.start()
        try:
            settings = dataclasses.replace(project.local_aws, port=recorder.server_address[1])
            yield SamProject(project.folder, settings), recorder.rights
        finally:
            recorder.shutdown()
            thread.join()
