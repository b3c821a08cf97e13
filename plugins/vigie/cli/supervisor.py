"""Keeps the components of one installation alive, knows how they are, and leaves no process behind."""

from __future__ import annotations

import logging
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime

from vigie.cli import family
from vigie.cli.child import Child
from vigie.cli.component import Component, Event, Health, Probe, State, Status
from vigie.cli.orphanage import Orphanage
from vigie.cli.probe import runs
from vigie.cli.readiness import Readiness
from vigie.cli.record import RunRecord
from vigie.cli.settings import Settings

_TICK_S = 0.1
_REAP_EVERY_S = 2.0
_PROBE_EVERY_S = 2.0
_PROBE_HURRY_S = 0.25
_HOPELESS = 4

log = logging.getLogger(__name__)


class Supervisor:
    """Starts components, restarts what dies (with back-off) or hangs, stops them in order.

    All processes are started and waited for by one thread, which lives until `stop`: their leash is bound to it. A
    second thread asks the probes, so that a slow answer delays no restart. All methods may be called from any
    thread; `on_event` is called on the supervisor's own thread: it must be quick, and give no orders itself.
    """

    def __init__(
        self,
        settings: Settings,
        components: Iterable[Component] = (),
        *,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self.addresses: dict[str, str] = {}
        """Shown by `./vigie status`: name -> URL."""
        self.readiness: Readiness | None = None
        """What is missing until all is healthy, as noted last; None: nobody has asked yet."""
        self._state = settings.state
        self._record = RunRecord(settings.state)
        self._orphanage = Orphanage(settings.state)
        self._first = tuple(components)
        self._on_event = on_event or (lambda event: None)
        self._children: dict[str, Child] = {}
        self._orders: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._ending = threading.Event()
        self._probe_now = threading.Event()
        self._failure: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._live, name="supervisor", daemon=True),
            threading.Thread(target=self._probe, name="probes", daemon=True),
        ]

    def start(self) -> None:
        """Become the supervisor of this state folder, end what a killed one left there, start the components.

        Raises RemedyError if another one is at work.
        """
        self._record.acquire()
        family.end(self._state)
        self._orphanage.open()
        for thread in self._threads:
            thread.start()
        for component in self._first:
            self.add(component)

    def add(self, component: Component) -> None:
        """Start one more component. Its name must be new."""
        self._order(lambda: self._start(component))

    def restart(self, name: str) -> None:
        """Stop a component in order and start it again; returns when it is started, before it is healthy."""
        self._order(lambda: self._restart(self._children[name], "restarted as asked"))

    def kill(self, name: str) -> None:
        """SIGKILL the component's process, as a fault would; the supervisor then finds it dead."""
        self._order(lambda: self._children[name].signal(signal.SIGKILL))

    def remove(self, name: str) -> None:
        """Stop a component in order, and forget it."""
        self._order(lambda: self._remove(name))

    def stop(self) -> None:
        """Stop all components, the higher stages first; nothing descended from them lives afterwards.

        May be called more than once, and after a failed `start`.
        """
        if self._threads[0].is_alive():
            self._ending.set()
            self._probe_now.set()
            for thread in self._threads:
                thread.join()
        self._orphanage.close()
        self._record.release()

    def note(self, readiness: Readiness) -> None:
        """Keep and record how far it is; who waits for a change is told where it has changed."""
        if readiness == self.readiness:
            return

        def keep() -> None:
            self.readiness = readiness
            self._record.write(self.status(), self.addresses, self.readiness)
            self._tell_waiters()

        with suppress(RuntimeError):  # it has ended meanwhile
            self._order(keep)

    def require_alive(self) -> None:
        """Raise RuntimeError where a thread of the supervisor itself has ended before `stop`: nothing is kept alive."""
        if self._failure or not all(thread.is_alive() for thread in self._threads):
            raise RuntimeError("the supervisor itself failed") from self._failure

    def wait_change(self, timeout: float) -> None:
        """Wait until something has changed, `timeout` seconds at most."""
        with self._changed:
            self._changed.wait(timeout)

    def status(self) -> list[Status]:
        """How each component is, in the order of their start."""
        return [child.status() for child in list(self._children.values())]

    def wait_healthy(self, timeout: float, names: Iterable[str] = ()) -> None:
        """Wait until these components (without names: all) are healthy, `timeout` seconds at most.

        Raises RemedyError, with the end of the log, when one ends again and again, or is not healthy in time.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                if self._failure:
                    raise RuntimeError("the supervisor itself failed") from self._failure
                wanted = [self._children[name] for name in names or self._children]
                missing = [child for child in wanted if child.health is not Health.HEALTHY]
                if not missing:
                    return
                for child in missing:
                    if child.failures >= _HOPELESS and not child.ever_healthy:
                        raise child.failure(f"ended {child.failures} times without ever being healthy")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise missing[0].failure(f"is not healthy after {timeout:.0f} s")
                self._changed.wait(left)

    # The supervisor's own thread.

    def _order(self, act: Callable[[], None]) -> None:
        if not self._threads[0].is_alive():
            raise RuntimeError("the supervisor is not running") from self._failure
        done: Future[None] = Future()
        self._orders.put((act, done))
        done.result()

    def _live(self) -> None:
        try:
            next_reap = 0.0
            while not self._ending.is_set():
                self._obey()
                for child in list(self._children.values()):
                    with self._changed:  # who waits for a change sees it only when it is told and recorded
                        self._look_after(child)
                if time.monotonic() > next_reap:
                    self._orphanage.look({child.pid for child in self._children.values()})
                    next_reap = time.monotonic() + _REAP_EVERY_S
            self._halt(list(self._children.values()))
        except BaseException as bug:
            self._failure = bug
            self._ending.set()
            self._probe_now.set()
            raise
        finally:
            family.end(self._state)
            for child in self._children.values():
                child.reap()
            self._refuse_orders()
            self._tell_waiters()

    def _obey(self) -> None:
        try:
            act, done = self._orders.get(timeout=_TICK_S)
        except queue.Empty:
            return
        try:
            act()
        except Exception as wrong:  # noqa: BLE001 - whoever gave the order gets it
            done.set_exception(wrong)
        else:
            done.set_result(None)

    def _refuse_orders(self) -> None:
        while not self._orders.empty():
            self._orders.get()[1].set_exception(RuntimeError("the supervisor is not running"))

    def _look_after(self, child: Child) -> None:
        if child.is_due():
            child.restarts += 1
            self._spawn(child)
        elif child.state is State.RUNNING and (how := child.ended()):
            left = family.end(self._state, child.component.name, grace=1.0)
            delay = child.wait_for_turn()
            also = f", {left} of its processes ended" if left else ""
            self._tell(child, "died", f"{how}{also}; starts again {f'in {delay:g} s' if delay else 'at once'}")
        elif child.is_hung():
            self._restart(child, "hung: running, but unhealthy for too long")
        elif seen := child.take_health():
            self._tell(child, seen, f"{(datetime.now(UTC) - child.started_at).total_seconds():.1f} s after its start")

    def _start(self, component: Component) -> None:
        if component.name in self._children:
            raise ValueError(f"there is a component {component.name!r} already")
        self._children[component.name] = Child(component, self._state)
        self._spawn(self._children[component.name])

    def _spawn(self, child: Child) -> None:
        child.spawn()
        self._orphanage.started(child.pid)
        self._probe_now.set()
        self._tell(child, "started", f"process {child.pid}")

    def _restart(self, child: Child, why: str) -> None:
        self._halt([child])
        child.restarts += 1
        self._tell(child, "restarted", why)
        self._spawn(child)

    def _remove(self, name: str) -> None:
        self._halt([self._children[name]])
        del self._children[name]

    def _halt(self, children: list[Child]) -> None:
        for stage in sorted({child.component.stage for child in children}, reverse=True):
            group = [child for child in children if child.component.stage == stage]
            begun = time.monotonic()
            for child in group:
                child.signal(signal.SIGTERM)
            for child in group:
                child.finish(begun)
                self._tell(child, "stopped", f"after {time.monotonic() - begun:.1f} s")

    def _tell(self, child: Child, kind: str, text: str) -> None:
        self._record.write(self.status(), self.addresses, self.readiness)
        self._on_event(Event(at=datetime.now(UTC), name=child.component.name, kind=kind, text=text))
        self._tell_waiters()

    def _tell_waiters(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # The probing thread.

    def _probe(self) -> None:
        try:
            wait = _PROBE_EVERY_S
            while not self._ending.is_set():
                self._probe_now.wait(wait)
                self._probe_now.clear()
                wait = _PROBE_EVERY_S
                for child in list(self._children.values()):
                    pid, probe = child.pid, child.component.probe
                    if child.state is State.RUNNING and pid:
                        child.observed = (pid, _asked(probe or runs, child.started_at))
                    if child.health is not Health.HEALTHY:
                        wait = _PROBE_HURRY_S
        except BaseException as bug:
            self._failure = bug
            self._tell_waiters()
            raise


def _asked(probe: Probe, started_at: datetime) -> Health:
    """What the probe says. One that raises does not know: no component is restarted for it."""
    try:
        return probe(started_at)
    except Exception:
        log.exception("a probe failed")
        return Health.UNKNOWN
