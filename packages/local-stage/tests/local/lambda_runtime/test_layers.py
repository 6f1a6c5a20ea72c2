"""Layers: their contents one over the other, found by Python after the function's own code."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.function_process import Launch
from local_stage.lambda_runtime.function_settings import Layer
from local_stage.lambda_runtime.opt_folder import make_opt_folder
from local_stage.lambda_runtime.runtimes.runtime import Workspace
from tests.local import wheel_file
from tests.local.lambda_runtime.running_function import run_function, write_source
from tests.local.lambda_runtime.test_requirements import write_wheel

run_by_either_client = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)

IMPORTING = """
    import greeting

    def handler(event, context):
        return [greeting.TEXT, greeting.__file__]
"""


def make(folder: Path, *layers: Layer, said: list[str] | None = None) -> Path:
    workspace = Workspace(folder / "cache", ([] if said is None else said).append)
    opt = asyncio.run(make_opt_folder(layers, workspace, folder / "layers"))
    assert opt is not None
    return opt


def write_layer(folder: Path, name: str, files: dict[str, str]) -> Layer:
    for file, text in files.items():
        path = folder / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Layer(name, folder / name)


def answer(interpreter: Path, folder: Path, opt: Path, source: str = IMPORTING) -> object:
    async def run() -> object:
        async with run_function(interpreter, folder / "function", source, opt_folder=opt) as running:
            return await running.invoke()

    return asyncio.run(run())


def test_a_function_without_layers_has_no_folder(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "cache", print)
    assert asyncio.run(make_opt_folder((), workspace, tmp_path / "layers")) is None
    assert list(tmp_path.iterdir()) == []


@run_by_either_client
@pytest.mark.parametrize("place", ["python", "python/lib/python3.13/site-packages"])
def test_a_function_imports_what_a_layer_has(interpreter: Path, tmp_path: Path, place: str) -> None:
    layer = write_layer(tmp_path, "Shared", {f"{place}/greeting.py": "TEXT = 'hello'"})
    opt = make(tmp_path, layer)
    assert answer(interpreter, tmp_path, opt) == ["hello", str(opt / place / "greeting.py")]


@run_by_either_client
def test_site_packages_come_before_the_python_folder(interpreter: Path, tmp_path: Path) -> None:
    files = {
        "python/greeting.py": "TEXT = 'python'",
        "python/lib/python3.13/site-packages/greeting.py": "TEXT = 'site-packages'",
    }
    opt = make(tmp_path, write_layer(tmp_path, "Shared", files))
    assert answer(interpreter, tmp_path, opt) == [
        "site-packages",
        str(opt / "python/lib/python3.13/site-packages/greeting.py"),
    ]


@run_by_either_client
def test_the_functions_own_module_comes_first(interpreter: Path, tmp_path: Path) -> None:
    write_source(tmp_path / "function", "TEXT = 'own'", "greeting.py")
    opt = make(tmp_path, write_layer(tmp_path, "Shared", {"python/greeting.py": "TEXT = 'layer'"}))
    assert answer(interpreter, tmp_path, opt) == ["own", str(tmp_path / "function" / "greeting.py")]


def test_a_later_layers_file_takes_the_place_of_an_earlier_ones(tmp_path: Path) -> None:
    """And what only one of them has stays, in a package of both too."""
    one = write_layer(tmp_path, "One", {"python/shared/__init__.py": "one", "python/shared/one.py": "one"})
    two = write_layer(tmp_path, "Two", {"python/shared/__init__.py": "two", "python/shared/two.py": "two"})
    package = make(tmp_path, one, two) / "python" / "shared"
    assert {file.name: file.read_text() for file in package.iterdir()} == {
        "__init__.py": "two",
        "one.py": "one",
        "two.py": "two",
    }
    assert (make(tmp_path, two, one) / "python/shared/__init__.py").read_text() == "one"


@run_by_either_client
def test_programs_and_libraries_of_a_layer_are_on_their_paths(interpreter: Path, tmp_path: Path) -> None:
    layer = write_layer(tmp_path, "Shared", {"bin/greet": "#!/bin/sh\necho hello\n", "lib/libx.so": ""})
    (tmp_path / "Shared/bin/greet").chmod(0o755)
    opt = make(tmp_path, layer)
    source = """
        import os, subprocess

        def handler(event, context):
            libraries = os.environ["LD_LIBRARY_PATH"].split(":")
            return [subprocess.check_output(["greet"], text=True), libraries[-1]]
    """
    assert answer(interpreter, tmp_path, opt, source) == ["hello\n", f"{opt}/lib"]


@run_by_either_client
def test_a_built_layer_has_its_requirements_and_its_own_modules(interpreter: Path, tmp_path: Path) -> None:
    """As `sam build` makes it: both in the folder `python`."""
    write_layer(tmp_path, "Built", {"own.py": "TEXT = 'own'"})
    write_source(tmp_path / "Built", f"./{write_wheel(tmp_path / 'Built', 'package')}\n", "requirements.txt")
    said: list[str] = []
    opt = make(tmp_path, Layer("Built", tmp_path / "Built", "python3.13"), said=said)
    assert said == ["Installing Built's requirements, once: ./greeting_package-1.0-py3-none-any.whl"]
    source = """
        import greeting_package, own

        def handler(event, context):
            return [greeting_package.TEXT, own.TEXT, own.__file__]
    """
    assert answer(interpreter, tmp_path, opt, source) == ["package", "own", str(opt / "python" / "own.py")]


def test_a_package_that_layers_share_is_never_written_into(tmp_path: Path) -> None:
    """A module of the developer's of the same name takes its place in /opt alone."""
    write_source(tmp_path / "Built", f"./{write_wheel(tmp_path / 'Built', 'package')}\n", "requirements.txt")
    built = Layer("Built", tmp_path / "Built", "python3.13")
    own = write_layer(tmp_path, "Own", {"python/greeting_package.py": "own"})
    assert (make(tmp_path, built, own) / "python/greeting_package.py").read_text() == "own"
    assert (make(tmp_path, built) / "python/greeting_package.py").read_text() == "TEXT = 'package'\n"


def test_a_layer_that_has_not_changed_is_not_put_together_again(tmp_path: Path) -> None:
    layer = write_layer(tmp_path, "Shared", {"python/greeting.py": "TEXT = 'hello'"})
    first = make(tmp_path, layer)
    assert make(tmp_path, layer) == first
    write_layer(tmp_path, "Shared", {"python/greeting.py": "TEXT = 'changed'"})
    assert make(tmp_path, layer) != first
    assert (first / "python/greeting.py").read_text() == "TEXT = 'hello'"


@run_by_either_client
def test_a_saved_layer_is_seen_by_the_next_invocation(interpreter: Path, tmp_path: Path) -> None:
    layer = write_layer(tmp_path, "Shared", {"python/greeting.py": "TEXT = 'old'"})
    workspace = Workspace(tmp_path / "cache", print)

    async def renew(launch: Launch) -> Launch:
        opt = await make_opt_folder([layer], workspace, tmp_path / "layers")
        return dataclasses.replace(launch, opt_folder=opt)

    async def run() -> None:
        opt = await make_opt_folder([layer], workspace, tmp_path / "layers")
        async with run_function(
            interpreter, tmp_path / "function", IMPORTING, opt_folder=opt, renew=renew, layers=(layer,)
        ) as running:
            assert (await running.invoke())[0] == "old"
            write_layer(tmp_path, "Shared", {"python/greeting.py": "TEXT = 'new'"})
            assert (await running.invoke())[0] == "new"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (
            [{"python": "a file"}, {"python/greeting.py": "in a folder"}],
            "cannot be put together with the other",
        ),
        (
            [{"python/greeting.py": "in a folder"}, {"python": "a file"}],
            "cannot be put together with the other",
        ),
    ],
)
def test_layers_that_contradict_each_other_are_refused(
    tmp_path: Path, files: Sequence[dict[str, str]], why: str
) -> None:
    layers = [write_layer(tmp_path, f"Layer{number}", content) for number, content in enumerate(files)]
    with pytest.raises(FunctionUnavailableError, match=rf"the content of Layer1 .*{why}"):
        make(tmp_path, *layers)
    assert list((tmp_path / "layers").iterdir()) == []


def test_a_layer_whose_requirements_cannot_be_installed_is_left_out(tmp_path: Path) -> None:
    write_layer(tmp_path, "Built", {"requirements.txt": "./not_there-1.0-py3-none-any.whl\n"})
    shared = write_layer(tmp_path, "Shared", {"python/greeting.py": "TEXT = 'hello'"})
    workspace = Workspace(tmp_path / "cache", print)
    layers = [Layer("Built", tmp_path / "Built", "python3.13"), shared]
    opt = asyncio.run(make_opt_folder(layers, workspace, tmp_path / "layers"))
    assert [file.name for file in (opt or tmp_path).rglob("*.*")] == ["greeting.py"]
    ((property_path, why),) = workspace.left_out
    assert property_path == "Layers"
    assert why.startswith(f"Built is left out: what {tmp_path}/Built/requirements.txt asks for cannot be")


def test_contents_that_cannot_be_put_together_are_no_start(tmp_path: Path) -> None:
    """As on a full disk; here a file lies where the folder would."""
    (tmp_path / "layers").touch()
    with pytest.raises(FunctionUnavailableError, match="File exists"):
        make(tmp_path, write_layer(tmp_path, "Shared", {"python/greeting.py": "TEXT = 'hello'"}))


@pytest.fixture
def powertools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two releases of Powertools, in the place of pip's index."""
    for version in ("3.4.1", "3.9.0"):
        files = {"aws_lambda_powertools/__init__.py": f"{version!r}", "boto3/__init__.py": ""}
        wheel_file.write_wheel(tmp_path, "aws_lambda_powertools", version, files)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("number", "version", "is_told"), [(6, "3.4.1", False), (99, "3.9.0", True)])
def test_powertools_is_taken_from_the_index_in_the_layers_version(
    powertools: Path, number: int, version: str, *, is_told: bool
) -> None:
    name, runtime = "AWSLambdaPowertoolsPythonV3", "python313-x86_64"
    arn = f"arn:aws:lambda:ap-northeast-1:017000801446:layer:{name}-{runtime}:{number}"
    workspace = Workspace(powertools / "cache", print)
    opt = asyncio.run(make_opt_folder([Layer(arn, None)], workspace, powertools / "layers"))
    assert opt is not None
    assert (opt / "python" / "aws_lambda_powertools" / "__init__.py").read_text() == f"{version!r}"
    assert not (opt / "python" / "boto3").exists()
    assert bool(workspace.left_out) is is_told
