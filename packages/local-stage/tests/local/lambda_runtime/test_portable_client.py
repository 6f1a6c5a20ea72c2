"""The client in Python alone against AWS's own: the same function gets, answers and logs the same in both."""

from __future__ import annotations

import asyncio
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from local_stage.lambda_runtime.function_error import FunctionError
from tests.local.lambda_runtime.conftest import make_interpreter_for
from tests.local.lambda_runtime.running_function import ARN, TRACE_HEADER, run_function

CHANGING = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"  # times
    r"|\d+\.\d\d ms|\d+ ms"  # durations
    r"|\[\$LATEST\]\w+"  # log streams
    r"|(?<=issue in the function code\.).*"  # AWS's advice goes on
    r"|0x[0-9a-f]+"
)
MEMORY = re.compile(r"\tMax Memory Used: \d+ MB")
"""Not there where a process ends before anybody has looked."""


async def _observe(
    interpreter: Path, folder: Path, source: str, count: int, **changes: Any
) -> Sequence[object]:
    """Return what a function answers to so many events, and what it logs, but for times and the like."""
    answers: list[object] = []
    async with run_function(interpreter, folder, source, **changes) as running:
        for number in range(count):
            event, request_id = f'{{"n": {number}, "text": "größe"}}'.encode(), f"request-{number}"
            try:
                answers.append(
                    await running.function.invoke(event, request_id=request_id, trace_header=TRACE_HEADER)
                )
            except FunctionError as error:
                answers.append((type(error), error.error_type, error.message, error.payload))
            await running.wait_for_text(f"REPORT RequestId: {request_id}")
        texts = [CHANGING.sub("*", MEMORY.sub("", text)) for text in running.texts()]
        return [*answers, *texts]


def _observe_both(
    cache: Path, folder: Path, source: str, *, count: int = 1, **changes: Any
) -> Sequence[object]:
    """Return what both clients make of a function, after a look that it is the same."""
    observed = [
        asyncio.run(_observe(make_interpreter_for(client, cache), folder, source, count, **changes))
        for client in ("aws", "portable")
    ]
    assert observed[0] == observed[1]
    return observed[1]


RESPONSES: Mapping[str, str | None] = {
    "None": "null",
    "[True, False, 1, -2, 1.5, 1e100, 10 ** 30]": f"[true, false, 1, -2, 1.5, 1e+100, 1{'0' * 30}]",
    "'größe \\u2028 \\\" \\\\ \\n \\x7f 日本'": '"größe \u2028 \\" \\\\ \\n \x7f 日本"',
    "[[], {}, (), [[1]], {'a': {'b': [None]}}]": '[[], {}, [], [[1]], {"a": {"b": [null]}}]',
    "{1: 'a', 1.5: 'b', True: 'c', None: 'd'}": None,
    "decimal.Decimal('1.10')": "1.10",
    "[decimal.Decimal('NaN'), decimal.Decimal('1E+3')]": "[NaN, 1E+3]",
    "[float('nan'), float('inf'), -float('inf')]": "[NaN, Infinity, -Infinity]",
    "Point(1, 2)": '{"x": 1, "y": 2}',
    "[b'bytes', Level.HIGH, Name('n')]": '["bytes", 2, "n"]',
    "{b'key': 1}": '{"key": 1}',
    "b'\\x00raw'": "\x00raw",
    "collections.OrderedDict(b=1, a=2)": '{"b": 1, "a": 2}',
    "event['text']": '"größe"',
}
"""What a handler returns, and the response; None where it is enough that both clients make the same of it."""
NO_JSON = (
    "object()",
    "{(1, 2): 3}",
    "{1, 2}",
    "[datetime.datetime(2026, 11, 22)]",
    "b''.join",
    "{'a': [1, {'b': object()}]}",
    "[b'\\xff']",
)
RETURNING = f"""
    import collections, datetime, decimal, enum

    Point = collections.namedtuple("Point", "x y")

    class Level(enum.IntEnum):
        HIGH = 2

    class Name(str):
        pass

    def handler(event, context):
        return eval({[*RESPONSES, *NO_JSON]!r}[event["n"]])
"""


@pytest.fixture(scope="module")
def returned(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, object]:
    """What both clients make of each expression that a handler returns: one function returns all of them."""
    expressions = [*RESPONSES, *NO_JSON]
    observed = _observe_both(cache, tmp_path_factory.mktemp("app"), RETURNING, count=len(expressions))
    return dict(zip(expressions, observed, strict=False))


@pytest.mark.parametrize("expression", RESPONSES)
def test_what_a_handler_returns_becomes_the_same_response(
    returned: Mapping[str, object], expression: str
) -> None:
    answer = returned[expression]
    assert isinstance(answer, bytes)
    assert RESPONSES[expression] in {None, answer.decode()}


@pytest.mark.parametrize("expression", NO_JSON)
def test_what_is_no_json_fails_alike(returned: Mapping[str, object], expression: str) -> None:
    answer = returned[expression]
    assert isinstance(answer, tuple)
    assert answer[1] == "Runtime.MarshalError"


def test_a_handler_gets_the_same_event(cache: Path, tmp_path: Path) -> None:
    source = "def handler(event, context):\n    return event"
    answer = _observe_both(cache, tmp_path, source)[0]
    assert answer == '{"n": 0, "text": "größe"}'.encode()


STATEMENTS = (
    "raise ValueError('no such greeting')",
    "raise ValueError",
    "raise ValueError('größe\\nsecond line')",
    "raise OwnError('a', 1)",
    "import nowhere",
    "json.loads('{')",
    "deep(20)",
    "assert event is None, context.aws_request_id",
)
RAISING = textwrap.dedent("""
    import json, sys

    class OwnError(Exception):
        pass

    def deep(n):
        if n == 0:
            raise OwnError("deep")
        return deep(n - 1)

    def handler(event, context):
""")


@pytest.fixture(scope="module")
def raised(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, object]:
    """What both clients make of each statement that fails: one function runs all of them."""
    chained = "try: {}['missing']\n        except KeyError as error: raise RuntimeError('chained') from error"
    statements = (*STATEMENTS, chained)
    lines = [f"    if event['n'] == {number}:\n        {one}\n" for number, one in enumerate(statements)]
    source = RAISING + "".join(lines)
    observed = _observe_both(cache, tmp_path_factory.mktemp("app"), source, count=len(statements))
    return dict(zip((*STATEMENTS, "chained"), observed, strict=False))


@pytest.mark.parametrize("statement", [*STATEMENTS, "chained"])
def test_what_a_handler_raises_fails_alike(raised: Mapping[str, object], statement: str) -> None:
    assert isinstance(raised[statement], tuple)


def test_a_handler_that_exits_fails_alike(cache: Path, tmp_path: Path) -> None:
    answer = _observe_both(cache, tmp_path, f"{RAISING}    sys.exit(3)\n", count=2)[0]
    assert isinstance(answer, tuple)


@pytest.mark.parametrize(
    ("source", "handler"),
    [
        ("raise ValueError('no table')", "app.handler"),
        ("import package.module", "app.handler"),
        ("import nowhere", "app.handler"),
        ("def handler(:", "app.handler"),
        ("", "app.handler"),
        ("", "app"),
        ("", "other.handler"),
        ("", "sys.exit"),
        ("", "app.handler.more"),
        ("", ".handler"),
        ("import app2", "app.handler"),
    ],
)
def test_a_module_that_cannot_be_loaded_fails_alike(
    cache: Path, tmp_path: Path, source: str, handler: str
) -> None:
    (tmp_path / "app2.py").write_text("x = (\n")
    observed = asyncio.run(_observe_init(make_interpreter_for("portable", cache), tmp_path, source, handler))
    assert observed == asyncio.run(
        _observe_init(make_interpreter_for("aws", cache), tmp_path, source, handler)
    )


async def _observe_init(interpreter: Path, folder: Path, source: str, handler: str) -> Sequence[object]:
    async with run_function(interpreter, folder, source, handler=handler) as running:
        with pytest.raises(FunctionError) as raised:
            await running.invoke()
        error = raised.value
        texts = [CHANGING.sub("*", MEMORY.sub("", text)) for text in running.texts()]
        return [type(error), error.error_type, error.message, error.payload, *texts]


LOGS = """
    import logging, sys

    logger = logging.getLogger("own")
    logging.getLogger().warning("while importing")

    def handler(event, context):
        print("printed")
        print("to stderr", file=sys.stderr)
        sys.stdout.writelines(["two ", "parts\\n"])
        context.log("by the context\\n")
        logging.debug("not at first")
        logging.getLogger().setLevel("DEBUG")
        logging.debug("now it is")
        logger.info("with %s", "arguments", extra={"order": 7, "when": object})
        logger.warning({"a": "mapping"})
        logger.error("two\\nlines größe")
        try:
            1 / 0
        except ZeroDivisionError:
            logger.exception("caught")
        logging.getLogger().handlers[0].flush()
        raise ValueError("at last")
"""


@pytest.mark.parametrize(
    "logging",
    [
        {},
        {"log_format": "JSON"},
        {"log_format": "JSON", "log_level": "TRACE"},
        {"environment": {"AWS_LAMBDA_LOG_LEVEL": "DEBUG"}},
    ],
    ids=["text", "json", "json-trace", "text-debug"],
)
def test_what_a_function_logs_looks_alike(cache: Path, tmp_path: Path, logging: dict[str, Any]) -> None:
    observed = _observe_both(cache, tmp_path, LOGS, **logging)
    assert any("now it is" in str(item) for item in observed)


def test_the_context_is_the_same(cache: Path, tmp_path: Path) -> None:
    source = """
        import os

        def handler(event, context):
            public = {name: getattr(context, name) for name in dir(context) if not name.startswith("_")}
            values = {name: value for name, value in public.items() if isinstance(value, str | None)}
            return [
                sorted(public),
                {**values, "log_stream_name": None},
                repr(context).replace(context.log_stream_name, "stream"),
                type(context).__name__,
                repr(context.identity),
                context.w3c(),
                0 < context.get_remaining_time_in_millis() <= 10_000,
                os.environ["_X_AMZN_TRACE_ID"].split(";")[0],
            ]
    """
    answer = _observe_both(cache, tmp_path, source)[0]
    assert isinstance(answer, bytes)
    assert ARN.encode() in answer
