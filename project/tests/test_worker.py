"""The worker's loop, with a clock of the test."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from cart.models import Order
from project.worker import PARTS, Part, Worker
from store.models import Item, Picture
from tests.support.pictures import add_picture

pytestmark = pytest.mark.django_db  # the worker checks its connections after each run

MINUTE = 60.0
DAY = 24 * 60 * MINUTE


class Clock:
    """Passes at once the time that the worker sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def read(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += max(seconds, MINUTE)


def part(name: str, minutes: float, run: Callable[[], Iterable[object]]) -> Part:
    return Part(name, timedelta(minutes=minutes), run)


def run_worker(*parts: Part, seconds: float = DAY, clock: Clock | None = None) -> None:
    clock = clock or Clock()
    end = clock.seconds + seconds
    Worker(
        list(parts),
        is_stopping=lambda: clock.seconds >= end,
        clock=clock.read,
        sleep=clock.sleep,
    ).run()


def runs_of(clock: Clock, times: list[float]) -> Callable[[], Iterable[object]]:
    def run() -> Iterator[None]:
        times.append(clock.seconds)
        yield

    return run


def test_runs_each_part_at_the_start_and_after_its_interval() -> None:
    clock, often, rarely = Clock(), list[float](), list[float]()
    start = clock.seconds
    run_worker(
        part("often", 5, runs_of(clock, often)),
        part("rarely", 12, runs_of(clock, rarely)),
        seconds=20 * MINUTE,
        clock=clock,
    )
    assert [(at - start) / MINUTE for at in often] == [0, 5, 10, 15]
    assert [(at - start) / MINUTE for at in rarely] == [0, 12]


def test_the_interval_counts_from_the_end_of_a_run() -> None:
    clock, times = Clock(), list[float]()

    def take_three_minutes() -> Iterator[None]:
        times.append(clock.seconds)
        clock.sleep(3 * MINUTE)
        yield

    run_worker(part("slow", 5, take_three_minutes), seconds=16 * MINUTE, clock=clock)
    assert [at - times[0] for at in times] == [0, 8 * MINUTE]


@pytest.mark.parametrize("fails_after_pieces", [0, 2])
def test_an_error_is_logged_and_stops_neither_the_other_part_nor_the_loop(
    caplog: pytest.LogCaptureFixture, fails_after_pieces: int
) -> None:
    clock, times = Clock(), list[float]()

    def fail() -> Iterator[int]:
        yield from range(fails_after_pieces)
        raise ValueError("broken")

    failing = part("failing", 5, fail)
    run_worker(failing, part("good", 5, runs_of(clock, times)), seconds=9 * MINUTE, clock=clock)
    assert len(times) == 2
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.message for record in errors] == ["failing failed"] * 2
    assert "Traceback" in caplog.text
    assert "ValueError: broken" in caplog.text


def test_an_error_before_the_first_piece_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> Iterable[object]:
        raise ValueError("broken")

    run_worker(part("failing", 5, fail), seconds=MINUTE)
    assert "failing failed" in caplog.text


def test_a_daily_part_that_failed_is_tried_again_after_five_minutes() -> None:
    clock, times = Clock(), list[float]()

    def fail_once() -> Iterator[None]:
        times.append(clock.seconds)
        if len(times) == 1:
            raise ValueError("the database is starting")
        yield

    run_worker(part("daily", 24 * 60, fail_once), clock=clock)
    assert [at - times[0] for at in times] == [0, 5 * MINUTE]


def test_stops_between_two_pieces_of_work() -> None:
    done: list[int] = []

    def work() -> Iterator[int]:
        for number in range(100):
            done.append(number)
            yield number

    Worker(
        [part("long", 5, work), part("other", 5, work)], is_stopping=lambda: len(done) == 3
    ).run()
    assert done == [0, 1, 2]


def test_starts_nothing_after_it_was_told_to_stop() -> None:
    times: list[float] = []
    run_worker(part("any", 5, runs_of(Clock(), times)), seconds=0)
    assert times == []


def test_a_part_that_runs_all_the_time_is_logged_when_it_did_something(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    run_worker(part("idle", 0.05, list), part("busy", 0.05, lambda: [1]), seconds=MINUTE)
    finished = {record.message for record in caplog.records}
    assert finished == {"busy finished"}


def test_sends_mails_at_once_reconciles_every_five_minutes_and_cleans_up_every_day() -> None:
    intervals = {each.name: each.every for each in PARTS}
    assert intervals == {
        "send_mails": timedelta(seconds=3),
        "reconcile_payments": timedelta(minutes=5),
        "make_picture_sizes": timedelta(seconds=2),
        "clean_carts": timedelta(days=1),
        "delete_unused_pictures": timedelta(days=1),
    }
    Order.objects.create(currency="USD")
    Order.objects.update(updated_at="2020-01-01T00:00Z")
    for each in PARTS:
        list(each.run())
    assert not Order.objects.exists()


def test_the_other_parts_wait_for_one_unit_of_a_long_part() -> None:
    """It goes on without a pause while there is work, and rests when there is none."""
    clock, done = Clock(), list[str]()

    def unit(name: str) -> Callable[[], Iterator[None]]:
        def run() -> Iterator[None]:
            while done.count(name) < 4:
                done.append(name)
                clock.sleep(MINUTE)
                yield

        return run

    long = Part("long", timedelta(hours=1), unit("long"), most=1)
    often, daily = list[float](), list[float]()
    run_worker(
        part("often", 2, runs_of(clock, often)),
        long,
        part("daily", 24 * 60, runs_of(clock, daily)),
        seconds=50 * MINUTE,
        clock=clock,
    )
    assert done == ["long"] * 4
    start = often[0]
    assert [(at - start) / MINUTE for at in often[:3]] == [0, 2, 4]
    assert (daily[0] - start) / MINUTE == 1


def test_a_long_run_goes_on_where_the_others_had_their_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    clock, done, often = Clock(), list[int](), list[float]()

    def work() -> Iterator[None]:
        for number in range(5):
            done.append(number)
            clock.sleep(MINUTE)
            yield

    long = Part("long", timedelta(hours=1), work, most=2)
    run_worker(part("often", 2, runs_of(clock, often)), long, seconds=50 * MINUTE, clock=clock)
    assert done == [0, 1, 2, 3, 4]
    assert [(at - often[0]) / MINUTE for at in often[:3]] == [0, 2, 4]
    assert caplog.messages.count("long finished") == 1


def test_mails_wait_for_ten_payments_at_most() -> None:
    (payments,) = (each for each in PARTS if each.name == "reconcile_payments")
    clock, done, seen = Clock(), list[int](), list[int]()

    def look_at_25() -> Iterator[None]:
        for number in range(25):
            done.append(number)
            clock.sleep(MINUTE)
            yield

    def count() -> Iterable[object]:
        seen.append(len(done))
        return []

    slow = replace(payments, run=look_at_25)
    run_worker(part("mails", 1, count), slow, seconds=29 * MINUTE, clock=clock)
    assert seen[:4] == [0, 10, 20, 25]


def test_mails_wait_for_the_sizes_of_one_picture_at_most(item: Item) -> None:
    for _ in range(3):
        add_picture(item, "items/missing.jpeg", needs_sizes=True)
    (pictures,) = (each for each in PARTS if each.name == "make_picture_sizes")
    clock, left = Clock(), list[int]()

    def count() -> Iterable[object]:
        left.append(Picture.objects.filter(sizes_tried_at=None).count())
        return []

    def take_a_minute_each() -> Iterator[object]:
        for picture in pictures.run():
            clock.sleep(MINUTE)
            yield picture

    slow = replace(pictures, run=take_a_minute_each)
    run_worker(part("mails", 1, count), slow, seconds=4 * MINUTE, clock=clock)
    assert left == [3, 2, 1, 0]
