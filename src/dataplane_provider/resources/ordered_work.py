"""Work in dependency order, as much of it at once as the order allows; stops at the first failure."""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from provider_wire.verbs import ProviderError

Key = TypeVar("Key")


@dataclass
class Outcome(Generic[Key]):
    """What was done, in the order of completion, and what failed; the rest was not begun."""

    done: list[Key] = field(default_factory=list)
    failures: dict[Key, ProviderError] = field(default_factory=dict)


def run_in_order(depends_on: Mapping[Key, frozenset[Key]], act: Callable[[Key], None], at_once: int) -> Outcome[Key]:
    """Run `act` for each key after the keys it depends on (those not among the keys are done already).

    After a failure nothing new begins; what runs is waited for. Raises ValueError for a cycle, and what `act` raises
    unless it is a ProviderError.
    """
    waiting = {key: {need for need in needs if need in depends_on} for key, needs in depends_on.items()}
    outcome: Outcome[Key] = Outcome()
    running: dict[Future[None], Key] = {}
    with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="artifact") as pool:
        while waiting or running:
            ready = [] if outcome.failures else [key for key, needs in waiting.items() if not needs]
            for key in ready:
                del waiting[key]
                running[pool.submit(act, key)] = key
            if not running and not outcome.failures:
                raise ValueError(f"ordering work: a cycle among {', '.join(sorted(map(str, waiting)))}")
            if not running:
                break
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                _settle(outcome, running.pop(future), future, waiting)
    return outcome


def _settle(outcome: Outcome[Key], key: Key, future: Future[None], waiting: dict[Key, set[Key]]) -> None:
    try:
        future.result()
    except ProviderError as error:
        outcome.failures[key] = error
        return
    outcome.done.append(key)
    for needs in waiting.values():
        needs.discard(key)
