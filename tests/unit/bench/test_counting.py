"""Counts are read rightly from what perf, strace and the services tell; a bound that is passed is said."""

import pytest

from bench.counting.bounds import BOUNDS
from bench.counting.readings import Reading, broker_requests
from bench.counting.syscalls import perf_counts, strace_counts
from bench.figures import WrongResult, bounded_figure, require_within_bounds
from bench.programs.image_host import Pace

PERF_TOLD = """# started on Thu Nov 26 07:30:00 2026

853,,syscalls:sys_enter_getpid,14534067,100.00,,
<not counted>,,syscalls:sys_enter_futex,0,100.00,,
0,,syscalls:sys_enter_fsync,14534067,100.00,,
"""
STRACE_TOLD = """% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 92.16    0.000047           4        11         3 futex
  7.84    0.000004           2         2           getpid
------ ----------- ----------- --------- --------- ----------------
100.00    0.000051           3        13         3 total
"""
METRICS = """# TYPE pixmill_broker_requests_total counter
pixmill_broker_requests_total{kind="produce"} 12.0
pixmill_broker_requests_total{kind="fetch_empty"} 3.0
pixmill_dead_letters_total{group="processor"} 1.0
"""


def test_what_perf_tells_is_read_and_what_it_could_not_count_is_left_out() -> None:
    assert perf_counts(PERF_TOLD) == {"getpid": 853, "fsync": 0}


def test_what_strace_tells_is_read_with_errors_and_without() -> None:
    assert strace_counts(STRACE_TOLD) == {"futex": 11, "getpid": 2}


def test_requests_to_the_broker_are_read_from_a_services_metrics() -> None:
    assert broker_requests(METRICS) == {"produce": 12.0, "fetch_empty": 3.0}


def test_a_reading_is_the_difference_to_the_one_before_and_only_bystanders_take_cpu_around() -> None:
    before = Reading({"x": 1}, {"status": 1.0, "kafka": 1.0, "postgres": 1.0, "processor": 1.0})
    after = Reading({"x": 4, "new": 2}, {"status": 1.5, "kafka": 1.25, "postgres": 2.0, "processor": 9.0})
    grown = after.since(before)
    assert grown.counts == {"x": 3, "new": 2}
    assert grown.cpu_around == 1.75


def test_a_value_at_its_bound_is_within_it_and_one_beyond_is_named() -> None:
    within = bounded_figure("few", 3.0, "an image", bound=3.0, target=1.0)
    beyond = bounded_figure("many", 3.1, "an image", bound=3.0, target=1.0)
    require_within_bounds([within])
    with pytest.raises(WrongResult, match="beyond the bound: many"):
        require_within_bounds([within, beyond])


def test_no_bound_is_below_what_is_wanted() -> None:
    assert all(bound.at_most >= bound.target for bound in BOUNDS.values())


def test_answers_of_a_paced_host_take_turns_and_catch_up_on_nothing() -> None:
    pace = Pace(delay_seconds=0.5, per_second=10)
    assert [round(pace.wait_seconds(100.0), 6) for _ in range(3)] == [0.5, 0.6, 0.7]
    assert pace.wait_seconds(200.0) == 0.5
    assert Pace(delay_seconds=0.0, per_second=0).wait_seconds(1.0) == 0
