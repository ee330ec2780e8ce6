"""Whoever waits may leave: what is done for them stops, whichever thread it is in."""

import threading
from typing import Any

import pytest

from service.llm_call import Call
from service.waiting import Gone, Waiting, pause, stopped_by_leaving, working_for

LONG = 600.0  # seconds; nothing waits for them


def test_without_anybody_nothing_is_stopped() -> None:
    pause(0)
    with pytest.raises(ValueError, match="own"), stopped_by_leaving(lambda: None):
        raise ValueError("own")


def test_leaving_stops_what_is_under_way_once() -> None:
    waiting, stopped = Waiting(), list[int]()
    with waiting.stopping(lambda: stopped.append(1)), waiting.stopping(lambda: stopped.append(2)):
        waiting.check()
        assert not waiting.gone
        waiting.leave()
        waiting.leave()
    assert stopped == [1, 2]
    with pytest.raises(Gone):
        waiting.check()


def test_what_is_over_is_not_stopped() -> None:
    waiting, stopped = Waiting(), list[int]()
    with waiting.stopping(lambda: stopped.append(1)):
        pass
    waiting.leave()
    assert stopped == []


def test_nothing_begins_for_one_who_has_left() -> None:
    waiting = Waiting()
    waiting.leave()
    with pytest.raises(Gone), working_for(waiting):
        raise AssertionError("it began")
    with pytest.raises(Gone), waiting.stopping(lambda: None):
        raise AssertionError("it began")


def test_the_error_of_what_was_stopped_is_that_they_have_gone() -> None:
    waiting, broken = Waiting(), threading.Event()
    leaving = threading.Thread(target=waiting.leave)

    def read() -> None:
        leaving.start()
        assert broken.wait(LONG)
        raise ConnectionError

    with working_for(waiting), pytest.raises(Gone), stopped_by_leaving(broken.set):
        read()
    leaving.join(LONG)
    with (
        working_for(Waiting()),
        pytest.raises(ValueError, match="own"),
        stopped_by_leaving(lambda: None),
    ):
        raise ValueError("own")


def test_a_pause_ends_when_they_leave() -> None:
    waiting = Waiting()
    leaving = threading.Thread(target=waiting.leave)
    with working_for(waiting):
        leaving.start()
        with pytest.raises(Gone):
            pause(LONG)
    leaving.join(LONG)


def test_one_thread_does_not_work_for_whom_another_works_for() -> None:
    waiting = Waiting()
    with working_for(waiting):
        waiting.leave()
        free = threading.Thread(target=pause, args=(0,))
        free.start()
        free.join(LONG)
        with pytest.raises(Gone):
            pause(0)


def test_a_connection_that_opens_after_the_call_was_hung_up_on_is_shut() -> None:
    shut: list[int] = []

    class Connection:
        def get_extra_info(self, name: str) -> Any:
            assert name == "socket"
            return self

        def shutdown(self, how: int) -> None:
            shut.append(how)
            raise OSError("closed already")

    call = Call(0.0, lambda: 0.0)
    call.hang_up()
    call.trace("connection.connect_tcp.started", {})
    assert shut == []
    call.trace("connection.connect_tcp.complete", {"return_value": Connection()})
    assert len(shut) == 1
