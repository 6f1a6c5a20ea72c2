"""The place in MiniStack where functions are handed to the stage is there, in the version that is pinned."""

from __future__ import annotations

import inspect

from ministack.services import lambda_svc

from local_stage.cloudformation.function_forwarder import PARAMETERS


def test_ministack_still_chooses_how_to_run_a_function_in_one_place() -> None:
    dispatch = lambda_svc._execute_function_dispatch  # noqa: SLF001 - the private name that the forwarder needs
    assert tuple(inspect.signature(dispatch).parameters) == PARAMETERS
    assert "_execute_function_dispatch(func, config, event, request_id, started)" in inspect.getsource(
        lambda_svc._execute_function  # noqa: SLF001 - as above
    )
