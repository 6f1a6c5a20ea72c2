"""The place in MiniStack where functions are handed to the stage is there, in the version that is pinned."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

from ministack.services import lambda_svc

from local_stage.cloudformation.function_forwarder import PARAMETERS, forward_functions


def test_ministack_still_chooses_how_to_run_a_function_in_one_place() -> None:
    dispatch = lambda_svc._execute_function_dispatch  # noqa: SLF001 - the private name that the forwarder needs
    assert tuple(inspect.signature(dispatch).parameters) == PARAMETERS
    assert "_execute_function_dispatch(func, config, event, request_id, started)" in inspect.getsource(
        lambda_svc._execute_function  # noqa: SLF001 - as above
    )


def test_a_ministack_of_another_form_is_left_as_it_is() -> None:
    def dispatch(func: object, event: object) -> None:
        """Take other parameters than those that are known."""

    other = SimpleNamespace(_execute_function_dispatch=dispatch)

    def invoke(name: str, event: object, timeout: float) -> dict[str, object]:
        raise AssertionError((name, event, timeout))

    assert not forward_functions(other, invoke)
    assert not forward_functions(SimpleNamespace(), invoke)
    assert other == SimpleNamespace(_execute_function_dispatch=dispatch)
