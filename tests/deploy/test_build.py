"""What `sam build` puts into the function's artifact, and that it runs there as it does here."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.util
import io
import json
import os
import re
import shutil
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.template import read_template
from tests.deploy.built_artifact import (
    FUNCTION,
    REPOSITORY,
    build_with_make,
    build_with_sam,
    digest_files,
    find_files,
    invoke,
    zip_like_sam,
)

ZIP_LIMIT = 2_500_000
BYTECODE_OF_3_13 = (3571).to_bytes(2, "little") + b"\r\n"
UNCHECKED_HASH = (0b01).to_bytes(4, "little")


def events() -> dict[str, Any]:
    found = {file.stem: json.loads(file.read_text()) for file in (REPOSITORY / "events").glob("*.json")}
    assert len(found) > 5
    return found


def copy_function(folder: Path) -> Path:
    """Copy the function's folder, written at another time; where pyenv is, it looks for .python-version."""
    shutil.copyfile(REPOSITORY / ".python-version", folder.parent / ".python-version")
    source = Path(shutil.copytree(FUNCTION, folder, ignore=shutil.ignore_patterns("__pycache__")))
    for file in source.iterdir():
        os.utime(file, (1_000_000_000, 1_000_000_000))
    return source


def make_native_wheel(folder: Path) -> str:
    """Make a wheel with machine code for this very machine; return its line of a requirements file."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    name = f"native-1.0-cp313-cp313-{platform}.whl"
    files = {
        "native.cpython-313.so": b"\x7fELF",
        "native-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: native\nVersion: 1.0\n",
        "native-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nTag: cp313-cp313-{platform}\n".encode(),
    }
    record = io.StringIO()
    csv.writer(record).writerows(
        [file, "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode(), ""]
        for file, data in files.items()
    )
    files["native-1.0.dist-info/RECORD"] = record.getvalue().encode()
    with zipfile.ZipFile(folder / name, "w") as wheel:
        for file, data in files.items():
            wheel.writestr(file, data)
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    return f"--no-index\n--find-links {folder}\nnative==1.0 --hash=sha256:{digest}\n"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact of another folder, time and umask."""
    folder = tmp_path_factory.mktemp("elsewhere")
    done = build_with_make(copy_function(folder / "function"), folder / "built", umask=0o077)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "built"


@pytest.fixture(scope="module")
def archive(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What SAM CLI uploads."""
    return zip_like_sam(artifact, tmp_path_factory.mktemp("archive") / "function.zip")


def test_another_folder_time_and_umask_give_the_same_bytes(artifact: Path, elsewhere: Path) -> None:
    assert digest_files(elsewhere) == digest_files(artifact)


def test_the_same_archive_is_uploaded_each_time(archive: bytes, elsewhere: Path, tmp_path: Path) -> None:
    assert zip_like_sam(elsewhere, tmp_path / "again.zip") == archive


def test_arm64_gets_the_same_bytes(artifact: Path, tmp_path: Path) -> None:
    text = (REPOSITORY / "template.yaml").read_text()
    elsewhere = re.sub(r"(?<=CodeUri: )[\w/]+/", lambda folder: f"{REPOSITORY / folder[0]}", text)
    code_uri = f"CodeUri: {FUNCTION}\n"
    assert code_uri in elsewhere
    template = tmp_path / "arm64.yaml"
    template.write_text(elsewhere.replace(code_uri, f"{code_uri}      Architectures: [arm64]\n"))
    built = build_with_sam(tmp_path / "built", template)
    assert "- arm64" in (tmp_path / "built" / "template.yaml").read_text()
    assert digest_files(built) == digest_files(artifact)


def test_the_archive_is_small(archive: bytes) -> None:
    assert len(archive) <= ZIP_LIMIT


def test_every_module_has_its_bytecode_and_no_bytecode_is_left_over(artifact: Path) -> None:
    files = find_files(artifact)
    modules = {file for file in files if file.suffix == ".py"}
    assert len(modules) > 50
    assert {file for file in files if file.suffix == ".pyc"} == {
        Path(importlib.util.cache_from_source(str(module))) for module in modules
    }


def test_the_bytecode_is_of_the_runtimes_python_and_never_compared_with_its_source(artifact: Path) -> None:
    heads = {(artifact / file).read_bytes()[:8] for file in find_files(artifact) if file.suffix == ".pyc"}
    assert heads == {BYTECODE_OF_3_13 + UNCHECKED_HASH}
    template = (REPOSITORY / "template.yaml").read_text()
    assert "Runtime: python3.13\n" in template


def test_nothing_else_is_inside(artifact: Path) -> None:
    files = find_files(artifact)
    assert {file.suffix for file in files} == {".py", ".pyc"}
    assert {file.parts[0] for file in files} == {
        "__pycache__",
        "app.py",
        "aws_lambda_powertools",
        "caller.py",
        "jmespath",
        "typing_extensions.py",
    }


def test_swagger_uis_files_stay_out(artifact: Path) -> None:
    handlers = artifact / "aws_lambda_powertools" / "event_handler"
    assert (handlers / "api_gateway.py").is_file()
    assert not [file for file in find_files(artifact) if "swagger_ui" in file.parent.parts]


def test_every_event_has_the_answer_that_the_sources_give(artifact: Path) -> None:
    answers, files = invoke(events(), artifact)
    expected, _ = invoke(events(), FUNCTION, Path(sysconfig.get_path("purelib")), options=("-I", "-B"))
    assert answers == expected
    assert {answer["statusCode"] for answer in answers.values()} == {200, 401, 403}
    assert len(files) == 4
    assert all(file.startswith(f"{artifact}/") for file in files)


def test_the_events_are_of_every_route() -> None:
    written = read_template(REPOSITORY / "template.yaml", {}, "ap-northeast-1").source["Resources"]
    routes = [event["Properties"] for event in written["HelloFunction"]["Properties"]["Events"].values()]
    assert {(event["httpMethod"], event["resource"]) for event in events().values()} == {
        (route["Method"], route["Path"]) for route in routes
    }


def test_the_bytecode_is_what_runs(artifact: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(artifact, tmp_path / "copy"))
    for module in copy.rglob("*.py"):
        module.write_text("raise SystemExit('this is the source')\n")
    assert invoke(events(), copy)[0] == invoke(events(), artifact)[0]


def test_a_run_writes_nothing_into_the_artifact(artifact: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(artifact, tmp_path / "copy"))
    before = digest_files(copy)
    invoke(events(), copy)
    assert digest_files(copy) == before


def test_a_traceback_shows_the_source_where_the_function_lies(artifact: Path) -> None:
    event = {"broken": {"requestContext": {"authorizer": {"claims": {}}}, "httpMethod": 1}}
    with pytest.raises(AssertionError) as failure:
        invoke(event, artifact)
    assert f'File "{artifact}/app.py", line' in str(failure.value)
    assert "return app.resolve(event, context)" in str(failure.value)


def test_a_package_with_machine_code_is_refused(tmp_path: Path) -> None:
    source = copy_function(tmp_path / "function")
    (source / "requirements.txt").write_text(make_native_wheel(tmp_path))
    done = build_with_make(source, tmp_path / "built")
    assert done.returncode != 0
    assert "No matching distribution found for native==1.0" in done.stderr
    assert "requirements.txt cannot be installed: pure Python, each with its hash" in done.stderr


def test_a_package_without_its_hash_is_refused(tmp_path: Path) -> None:
    source = copy_function(tmp_path / "function")
    (source / "requirements.txt").write_text("jmespath==1.1.0\n")
    done = build_with_make(source, tmp_path / "built")
    assert done.returncode != 0
    assert "--require-hashes" in done.stderr


def test_a_folder_without_the_handler_is_refused(tmp_path: Path) -> None:
    source = copy_function(tmp_path / "function")
    (source / "app.py").unlink()
    done = build_with_make(source, tmp_path / "built")
    assert done.returncode != 0
    assert "there is no app.py here" in done.stderr
