"""A member leaves after long trouble of its own and comes back after a while without: it does not flap."""

from shared.consuming.member.attendance import LEAVE_AFTER_SECONDS, RETURN_AFTER_SECONDS, Attendance
from shared.observing.health import Health
from shared.testing.fakes import FakeClock


def test_only_trouble_without_a_break_makes_it_leave() -> None:
    clock, health = FakeClock(), Health()
    attendance = Attendance(clock, health, ("store",))
    for _ in range(10):
        health.unready("store", "no answer")
        assert not attendance.should_leave()
        clock.now += LEAVE_AFTER_SECONDS - 1
        assert not attendance.should_leave()
        health.ready("store")
        assert not attendance.should_leave()
        clock.now += 1
    health.unready("store", "wrong credentials")
    assert not attendance.should_leave()
    clock.now += LEAVE_AFTER_SECONDS + 1
    assert attendance.should_leave()
    assert attendance.trouble() == "store: wrong credentials"


def test_it_comes_back_after_a_while_without_trouble() -> None:
    clock, health = FakeClock(), Health()
    attendance = Attendance(clock, health, ("store",))
    health.unready("store", "gone")
    assert not attendance.may_return()
    clock.now += 100
    assert not attendance.may_return()
    health.ready("store")
    assert not attendance.may_return()
    clock.now += RETURN_AFTER_SECONDS + 1
    assert attendance.may_return()


def test_what_the_work_does_not_need_keeps_it() -> None:
    clock, health = FakeClock(), Health()
    attendance = Attendance(clock, health, ("database",))
    health.unready("store", "gone")
    assert not attendance.should_leave()
    clock.now += 10 * LEAVE_AFTER_SECONDS
    assert not attendance.should_leave()


def test_who_would_leave_nobody_behind_stays_and_looks_again_later() -> None:
    clock, health = FakeClock(), Health()
    attendance = Attendance(clock, health, ("store",))
    health.unready("store", "gone")
    attendance.should_leave()
    clock.now += LEAVE_AFTER_SECONDS + 1
    assert attendance.should_leave()
    attendance.stays()
    assert not attendance.should_leave()
    clock.now += LEAVE_AFTER_SECONDS + 1
    assert attendance.should_leave()
