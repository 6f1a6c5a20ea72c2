"""Finds the function that `Handler` names."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any, Callable

from local_stage_runtime.fault import Fault

Handler = Callable[[Any, Any], Any]


def load_handler(name: str) -> Handler:
    """Import the handler's module and return its function.

    Raises Fault with Lambda's error types, and whatever else the module raises while it is imported.
    https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html#naming
    """
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {error}") from None
    module = _import_module(module_name)
    try:
        handler: Handler = getattr(module, function_name)
    except AttributeError:
        why = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", why) from None
    return handler


def _import_module(name: str) -> ModuleType:
    if name.partition(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", f"Cannot use built-in module {name} as a handler module")
    try:
        return importlib.import_module(name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{name}': {error}") from None
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        why = f"Syntax error in module '{name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", why, trace) from None
