"""Lambda's own lines, to the letter."""

from __future__ import annotations

from local_stage.lambda_runtime.function_log import Report, init_report_line


def test_report_of_a_warm_invocation() -> None:
    report = Report(request_id="r", duration=0.0012345, memory_size=256, max_memory_used=45)
    assert str(report) == (
        "REPORT RequestId: r\tDuration: 1.23 ms\tBilled Duration: 2 ms\t"
        "Memory Size: 256 MB\tMax Memory Used: 45 MB"
    )


def test_report_of_a_cold_start_bills_the_init_too() -> None:
    report = Report(request_id="r", duration=0.001, memory_size=256, max_memory_used=45, init_duration=0.1)
    assert "\tBilled Duration: 101 ms\t" in str(report)
    assert str(report).endswith("\tMax Memory Used: 45 MB\tInit Duration: 100.00 ms")


def test_report_of_a_failure_says_how_it_failed() -> None:
    report = Report(
        request_id="r",
        duration=1.0,
        memory_size=256,
        max_memory_used=None,
        status="error",
        error_type="Runtime.ExitError",
    )
    assert str(report).endswith("\tMemory Size: 256 MB\tStatus: error\tError Type: Runtime.ExitError")


def test_report_of_a_failed_init() -> None:
    assert init_report_line(0.0345, "KeyError") == (
        "INIT_REPORT Init Duration: 34.50 ms\tPhase: init\tStatus: error\tError Type: KeyError"
    )


def test_report_of_an_init_that_took_too_long() -> None:
    assert init_report_line(13.0, "Sandbox.Timedout") == (
        "INIT_REPORT Init Duration: 13000.00 ms\tPhase: init\tStatus: timeout"
    )
