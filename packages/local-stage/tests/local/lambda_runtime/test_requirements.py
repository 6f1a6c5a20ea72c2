"""A function's packages: installed once by pip, whole or not at all, and seen by the function alone."""

from __future__ import annotations

import asyncio
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import FunctionInitError, FunctionUnavailableError
from local_stage.lambda_runtime.requirements import find_includes, install_requirements, make_interpreter
from local_stage.lambda_runtime.runtimes.python import RUNTIME_REQUIREMENTS
from tests.local.lambda_runtime.running_function import run_function, write_source

NAME = "HelloFunction"
SOURCE = """
    import greeting_package

    def handler(event, context):
        return [greeting_package.TEXT, greeting_package.__file__]
"""


def write_wheel(folder: Path, text: str) -> str:
    """Write a wheel of one module and return its file name; no index is needed to install it."""
    name = "greeting_package-1.0-py3-none-any.whl"
    info = "greeting_package-1.0.dist-info"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / name, "w") as wheel:
        wheel.writestr("greeting_package.py", f"TEXT = {text!r}\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greeting-package\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name


def test_function_sees_its_own_requirements(interpreter: Path, tmp_path: Path) -> None:
    folder, cache = tmp_path / "function", tmp_path / "cache"
    write_source(folder, f"# what the function needs\n./{write_wheel(folder, 'hello')}\n", "requirements.txt")

    async def run() -> None:
        packages = await install_requirements(folder, NAME, cache, print)
        async with run_function(interpreter, folder, SOURCE, requirements_folder=packages) as running:
            assert await running.invoke() == ["hello", f"{packages}/greeting_package.py"]

    asyncio.run(run())


def test_functions_with_different_requirements_do_not_share_them(interpreter: Path, tmp_path: Path) -> None:
    async def greet(name: str) -> object:
        folder = tmp_path / name
        write_source(folder, f"./{write_wheel(folder, name)} # {name}\n", "requirements.txt")
        packages = await install_requirements(folder, NAME, tmp_path / "cache", print)
        async with run_function(interpreter, folder, SOURCE, requirements_folder=packages) as running:
            return (await running.invoke())[0]

    assert [asyncio.run(greet(name)) for name in ("one", "two")] == ["one", "two"]


def test_requirements_are_installed_once(tmp_path: Path) -> None:
    write_source(tmp_path, f"./{write_wheel(tmp_path, 'hello')}\n", "requirements.txt")
    said: list[str] = []

    async def run() -> tuple[Path | None, Path | None]:
        cache = tmp_path / "cache"
        return (
            await install_requirements(tmp_path, NAME, cache, said.append),
            await install_requirements(tmp_path, NAME, cache, said.append),
        )

    first, second = asyncio.run(run())
    assert first == second
    assert said == ["Installing HelloFunction's requirements, once: ./greeting_package-1.0-py3-none-any.whl"]


@pytest.mark.parametrize(
    "include", ["-r more.txt", "-rmore.txt", "--requirement more.txt", "--requirement=more.txt"]
)
def test_an_included_file_is_found(tmp_path: Path, include: str) -> None:
    write_source(tmp_path, f"{include}\n", "requirements.txt")
    requirements = tmp_path / "requirements.txt"
    assert list(find_includes(requirements, set())) == [requirements, tmp_path / "more.txt"]


def test_a_changed_included_file_is_installed_anew(tmp_path: Path) -> None:
    write_source(tmp_path, "-r more.txt\n", "requirements.txt")

    async def run(comment: str) -> Path | None:
        write_source(tmp_path, f"./{write_wheel(tmp_path, 'hello')} # {comment}\n", "more.txt")
        return await install_requirements(tmp_path, NAME, tmp_path / "cache", print)

    assert asyncio.run(run("one")) != asyncio.run(run("two"))


def test_two_stages_that_install_at_once_both_succeed(tmp_path: Path) -> None:
    write_source(tmp_path, f"./{write_wheel(tmp_path, 'hello')}\n", "requirements.txt")

    async def run() -> list[Path | None]:
        cache = tmp_path / "cache"
        return await asyncio.gather(*(install_requirements(tmp_path, NAME, cache, print) for _ in range(2)))

    first, second = asyncio.run(run())
    assert first == second
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [Path(str(first)).name]


@pytest.mark.parametrize("requirements", [None, "", "# nothing yet\n\n"])
def test_a_function_without_requirements_has_no_folder(tmp_path: Path, requirements: str | None) -> None:
    if requirements is not None:
        write_source(tmp_path, requirements, "requirements.txt")
    assert asyncio.run(install_requirements(tmp_path, NAME, tmp_path / "cache", print)) is None


def test_what_pip_cannot_install_keeps_the_function_from_running(tmp_path: Path) -> None:
    write_source(tmp_path, "./not_there-1.0-py3-none-any.whl\n", "requirements.txt")
    with pytest.raises(FunctionUnavailableError) as raised:
        asyncio.run(install_requirements(tmp_path, NAME, tmp_path / "cache", print))
    start = f"what {tmp_path}/requirements.txt asks for cannot be installed: pip: "
    assert raised.value.reason.startswith(start)
    assert "not_there-1.0" in raised.value.reason
    assert "\nERROR: " in str(raised.value)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("file", ["requirements.txt", "more.txt"])
def test_requirements_that_are_no_text_keep_the_function_from_running(tmp_path: Path, file: str) -> None:
    write_source(tmp_path, "-r more.txt\n", "requirements.txt")
    (tmp_path / file).write_bytes("# café\n".encode("latin-1"))
    with pytest.raises(FunctionUnavailableError) as raised:
        asyncio.run(install_requirements(tmp_path, NAME, tmp_path / "cache", print))
    assert raised.value.reason.endswith(f": {tmp_path}/{file} is not UTF-8 text")


def test_cache_that_cannot_be_written_keeps_the_function_from_running(tmp_path: Path) -> None:
    write_source(tmp_path, "./greeting_package-1.0-py3-none-any.whl", "requirements.txt")
    write_source(tmp_path, "a file", "cache")
    with pytest.raises(FunctionUnavailableError, match=f"{tmp_path}/cache"):
        asyncio.run(install_requirements(tmp_path, NAME, tmp_path / "cache", print))


def test_interpreter_is_made_once(interpreter: Path, cache: Path) -> None:
    said: list[str] = []
    requirements = RUNTIME_REQUIREMENTS
    assert asyncio.run(make_interpreter([requirements], cache, said.append)) == interpreter
    assert said == []


def test_interpreter_that_cannot_be_made_keeps_the_function_from_running(tmp_path: Path) -> None:
    write_source(tmp_path, "./not_there-1.0-py3-none-any.whl\n", "runtime.txt")
    with pytest.raises(FunctionUnavailableError) as raised:
        asyncio.run(make_interpreter([tmp_path / "runtime.txt"], tmp_path / "cache", print))
    assert raised.value.reason.startswith("the functions' interpreter cannot be made: ")


def test_without_the_list_of_what_the_runtime_needs_no_function_runs(tmp_path: Path) -> None:
    with pytest.raises(FunctionUnavailableError, match="is missing; install local-stage again") as raised:
        asyncio.run(make_interpreter([tmp_path / "runtime.txt"], tmp_path / "cache", print))
    assert str(tmp_path / "runtime.txt") in raised.value.reason


def test_an_interpreter_that_is_gone_fails_the_invocation(tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(tmp_path / "bin" / "python", tmp_path, SOURCE) as running:
            await running.function.start()
            with pytest.raises(FunctionInitError) as raised:
                await running.invoke()
            assert raised.value.error_type == "Runtime.InvalidEntrypoint"

    asyncio.run(run())


def test_an_install_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    write_source(tmp_path, f"./{write_wheel(tmp_path, 'hello')}\n", "requirements.txt")

    async def run() -> None:
        cache = tmp_path / "cache"
        begun = asyncio.Event()
        install = asyncio.create_task(install_requirements(tmp_path, NAME, cache, lambda _: begun.set()))
        await begun.wait()
        install.cancel()
        with pytest.raises(asyncio.CancelledError):
            await install
        assert _list(cache) == []

    asyncio.run(run())


def _list(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def test_nothing_that_would_have_to_be_built_goes_into_the_interpreter(tmp_path: Path) -> None:
    """Building runs what a package brings."""
    has_run = tmp_path / "has-run"
    setup = f"import pathlib; pathlib.Path({str(has_run)!r}).touch()\n".encode()
    (tmp_path / "links").mkdir()
    with tarfile.open(tmp_path / "links" / "brought-1.0.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("brought-1.0/setup.py")
        entry.size = len(setup)
        archive.addfile(entry, io.BytesIO(setup))
    write_source(tmp_path, "--no-index\n--find-links links\nbrought==1.0\n", "runtime.txt")
    with pytest.raises(FunctionUnavailableError, match="No matching distribution found for brought"):
        asyncio.run(make_interpreter([tmp_path / "runtime.txt"], tmp_path / "cache", print))
    assert not has_run.exists()
