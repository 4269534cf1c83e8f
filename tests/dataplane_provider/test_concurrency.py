"""Work in dependency order, and the window of requests that a service is sent at once."""

import threading

import pytest

from dataplane_provider.clients.limiter import AdaptiveLimiter
from dataplane_provider.clients.waiting import Waiter
from dataplane_provider.resources.ordered_work import run_in_order
from provider_wire.lifecycle import RecordingSession
from provider_wire.verbs import Cancellation, ProviderError


def test_work_begins_after_what_it_depends_on() -> None:
    done: list[str] = []
    needs = {"c": frozenset({"b"}), "b": frozenset({"a", "not ours"}), "a": frozenset[str]()}
    outcome = run_in_order(needs, done.append, 4)
    assert done == ["a", "b", "c"] == outcome.done
    assert outcome.failures == {}


def test_independent_work_runs_at_once() -> None:
    together = threading.Barrier(3)

    def meet(key: str) -> None:
        together.wait(timeout=20)

    outcome = run_in_order(dict.fromkeys("abc", frozenset[str]()), meet, 3)
    assert sorted(outcome.done) == ["a", "b", "c"]


def test_after_a_failure_nothing_new_begins() -> None:
    begun: list[str] = []

    def act(key: str) -> None:
        begun.append(key)
        if key == "b":
            raise ProviderError("b is broken")

    outcome = run_in_order({"a": frozenset(), "b": frozenset({"a"}), "c": frozenset({"b"})}, act, 1)
    assert (begun, outcome.done) == (["a", "b"], ["a"])
    assert [str(error) for error in outcome.failures.values()] == ["b is broken"]


def test_a_cycle_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match=r"^ordering work: a cycle among a, b$"):
        run_in_order({"a": frozenset({"b"}), "b": frozenset({"a"})}, print, 1)


class Clock(Cancellation):
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> bool:
        self.time += seconds
        return self.requested


@pytest.fixture
def waiter() -> Waiter:
    clock = Clock()
    return Waiter(RecordingSession(clock), clock.now)


def test_throttling_narrows_the_window_and_successes_widen_it(waiter: Waiter) -> None:
    limiter = AdaptiveLimiter(most=8)
    limiter.throttled(0, waiter)
    assert limiter.width == 6
    for _ in range(10):
        limiter.succeeded()
    assert limiter.width == 7
    for _ in range(30):
        limiter.succeeded()
    assert limiter.width == 8


def test_the_window_is_never_closed_for_good(waiter: Waiter) -> None:
    limiter = AdaptiveLimiter(most=2)
    for _ in range(5):
        limiter.throttled(0, waiter)
    assert limiter.width == 1


def test_nobody_enters_before_the_services_pause_is_over(waiter: Waiter) -> None:
    limiter = AdaptiveLimiter()
    limiter.throttled(30, waiter)
    with limiter.slot(waiter, "asking"):
        assert waiter.now() == 30
