"""A SAM template as plain CloudFormation, by AWS's own translator, and kept for the next start.

The translator that CloudFormation runs as `AWS::Serverless-2016-10-31` is the one that runs here. Loading
and running it is nearly half of what a start computes, so its output is read again while no input changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.boto3_clients import new_session
from local_stage.cloudformation.template_source import RESOURCES
from local_stage.cloudformation.unknown import find_unknown
from local_stage.errors import MachineError, TemplateError
from local_stage.state import write_json

_TRANSLATOR: Final = "aws-sam-translator"
_KEPT: Final = 32
"""How many translations are kept; each save of a template makes one."""
_INVALID_RESOURCE: Final = re.compile(
    r"Resource with id \[(?P<logical_id>\w+)\] is invalid\. (?P<why>.*)", re.DOTALL
)


def translate(
    file: Path,
    source: dict[str, Any],
    parameters: Mapping[str, Any],
    region: str,
    folder: Path | None = None,
) -> dict[str, Any]:
    """Return the template translated; `folder` is where translations are kept, if they are.

    Raises TemplateError for what the translator refuses.
    """
    known = {name: value for name, value in parameters.items() if find_unknown(value) is None}
    for name in parameters.keys() - known.keys():
        # The translator would write it into texts, where nobody could tell any more that it is not known.
        source["Parameters"][name].pop("Default", None)
    kept = _find_place(folder, [metadata.version(_TRANSLATOR), region, known, source]) if folder else None
    if kept and (read := _read(kept)) is not None:
        return read
    translated = _run_translator(file, source, known, region)
    if kept:
        _keep(kept, translated)
    return translated


def _run_translator(
    file: Path, source: dict[str, Any], parameters: Mapping[str, Any], region: str
) -> dict[str, Any]:
    from samtranslator.model.exceptions import InvalidDocumentException  # noqa: PLC0415 - half a second to import
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    translator = Translator({}, Parser(), boto_session=new_session(region))
    try:
        return dict(translator.translate(source, parameters))
    except InvalidDocumentException as error:
        raise _as_template_error(file, error) from None


def _as_template_error(file: Path, error: Any) -> TemplateError:
    """Return the translator's error; it says `Resource with id [HelloFunction] is invalid. <why>` of each."""
    causes = [str(cause.message) for cause in error.causes] or [str(error.message)]
    found = _INVALID_RESOURCE.fullmatch(causes[0])
    if len(causes) == 1 and found:
        return TemplateError(" ".join(found["why"].split()), file=str(file), resource=found["logical_id"])
    return TemplateError(" ".join("; ".join(causes).split()), file=str(file))


def _find_place(folder: Path, translated_from: list[Any]) -> Path | None:
    """Return the file for what is translated from these values, or None where JSON cannot tell them apart."""
    text = _write(translated_from)
    return None if text is None else folder / f"{hashlib.sha256(text.encode()).hexdigest()}.json"


def _write(value: Any) -> str | None:
    """Return a value as JSON, or None where another one would be read from it."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError):
        return None
    return text if json.loads(text) == value else None


def _read(kept: Path) -> dict[str, Any] | None:
    try:
        read = json.loads(kept.read_bytes())
    except (OSError, ValueError):
        return None
    with contextlib.suppress(OSError):
        os.utime(kept)
    return read if isinstance(read, dict) and RESOURCES in read else None


def _keep(place: Path, translated: Mapping[str, Any]) -> None:
    """Keep a translation that JSON does not change; that it cannot be kept is no reason not to serve it."""
    if _write(translated) is not None:
        with contextlib.suppress(OSError, MachineError):
            write_json(place, translated)
            _drop_oldest(place.parent)


def _drop_oldest(folder: Path) -> None:
    ages = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in ages[_KEPT:]:
        file.unlink(missing_ok=True)
