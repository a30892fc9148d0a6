"""Read pages in processes that may die of them.

In: tasks, each the body of a page with the fields of its response. Out: for each its `Found` or
`Refused`, whenever it is wanted. A process that takes too long, or dies, is replaced; a page that
takes too long (`slow-page`), or of which two processes have died (`crashed-page`), is refused: one
may have been killed from outside. Putting answers in order is left to `pages`, what
happens inside to `page_worker`.

Processor time is limited and not time on the clock, so that a busy machine refuses no page that
an idle one reads. Processes are started one by one and never forked from this one, since it may
hold threads and a terminal.
"""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
from collections import deque
from contextlib import suppress
from typing import IO

from dedup.errors import InputError
from dedup.read.html import Found, Refused
from dedup.read.page_worker import receive, send

#: Processor seconds a page may take: a page of news takes 0.02, and 0.1 in the worst hundredth.
CPU_SECONDS = 10
#: Bytes of address space a process may take.
MEMORY_BYTES = 4 << 30
#: Milliseconds after which no answer at all means that nothing moves any more.
_PATIENCE = 900_000
#: Hashes of strings do not change from run to run; `env`, because nothing here reads ours.
_COMMAND = ("/usr/bin/env", "PYTHONHASHSEED=0")
_PROGRAM = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from dedup.read.page_worker import serve\n"
    "serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))\n"
)


class Task:
    """A page that is being read; `answer` is None until it has been."""

    def __init__(self, body: bytes, fields: dict[str, str]) -> None:
        """Hold what a process needs."""
        self.body = body
        self.fields = fields
        self.answer: Found | Refused | None = None
        #: Whether a process has died while it read this page.
        self.is_tried = False


class Workers:
    """Processes that read pages; started when they are needed, ended by `close`."""

    def __init__(
        self,
        extractor: str,
        count: int,
        cpu_seconds: int = CPU_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        """Start none yet.

        Args:
            extractor: one of `EXTRACTORS`.
            count: most processes at a time.
            cpu_seconds: processor time a page may take, in whole seconds.
            memory_bytes: address space a process may take.
        """
        self._arguments = (extractor, str(cpu_seconds), str(memory_bytes))
        self._count = max(1, count)
        self._workers: list[_Worker] = []
        self._waiting: deque[Task] = deque()

    def submit(self, task: Task) -> None:
        """Have a page read; answers that are there are taken in passing."""
        self._waiting.append(task)
        self._take(0)
        self._give()

    def wait_for(self, task: Task) -> Found | Refused:
        """The answer to a page.

        Raises:
            InputError: a library is missing; the message names the cure.
        """
        while task.answer is None:
            self._give()
            self._take(_PATIENCE)
        return task.answer

    def close(self) -> None:
        """End all processes, whatever they are doing."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()
        self._waiting.clear()

    def _give(self) -> None:
        """Give waiting pages to idle processes, and start as many as can be of use."""
        free = [worker for worker in self._workers if worker.is_ready and worker.task is None]
        while self._waiting and free:
            free.pop().give(self._waiting.popleft())
        starting = sum(not worker.is_ready for worker in self._workers)
        while len(self._waiting) > starting and len(self._workers) < self._count:
            self._workers.append(_Worker(self._arguments))
            starting += 1

    def _take(self, patience: int) -> None:
        """Take the answers that are there, or wait for the first one."""
        poll = select.poll()
        waited = {w.answers.fileno(): w for w in self._workers if w.task or not w.is_ready}
        for number in waited:
            poll.register(number, select.POLLIN)
        answered = poll.poll(patience) if waited else []
        for number, _ in answered:
            waited[number].take()
        if patience and not answered:
            for worker in waited.values():
                worker.give_up()
        for worker in [worker for worker in self._workers if worker.is_dead]:
            self._workers.remove(worker)
            worker.end()
            if worker.task is not None:
                self._waiting.appendleft(worker.task)


class _Worker:
    """One process: starting, idle, or at a task."""

    def __init__(self, arguments: tuple[str, ...]) -> None:
        self.task: Task | None = None
        self.is_ready = False
        self.is_dead = False
        self._is_given_up = False
        self._process = subprocess.Popen(
            [*_COMMAND, sys.executable, "-c", _PROGRAM, json.dumps(sys.path), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._tasks: IO[bytes] = self._process.stdin
        self.answers: IO[bytes] = self._process.stdout

    def give(self, task: Task) -> None:
        """Begin a task."""
        self.task = task
        with suppress(BrokenPipeError):  # it has ended, and `take` is the one to notice
            send(self._tasks, json.dumps(task.fields).encode())
            send(self._tasks, task.body)

    def take(self) -> None:
        """Read an answer, or find out that there will be none."""
        data = receive(self.answers)
        if data is None:
            self.is_dead = True
            status = self._process.wait()
            if not self.is_ready:
                raise InputError(f"a process for reading pages ended at once (status {status}).")
            is_slow = self._is_given_up or -status == signal.SIGXCPU
            if self.task is not None and (is_slow or self.task.is_tried):
                self._answer(_name_end(signal.SIGXCPU if is_slow else -status))
            elif self.task is not None:
                self.task.is_tried = True
            return
        answer = json.loads(data)
        if "missing" in answer:
            raise InputError(
                "reading pages needs libraries that are not installed: pip install 'dedup[html]', "
                f"or 'dedup[warc]' for crawl files ({answer['missing']})"
            )
        self.is_ready = True
        if "found" in answer:
            self._answer(Found(*answer["found"]))
        elif "refused" in answer:
            self._answer(Refused(*answer["refused"]))

    def give_up(self) -> None:
        """Kill a process that does not move; the next `take` notices."""
        self._is_given_up = True
        self._process.kill()

    def end(self) -> None:
        """Kill it, take leave of it, and close the pipes."""
        self._process.kill()
        self._process.wait()
        self.answers.close()
        with suppress(BrokenPipeError):  # the rest of a task
            self._tasks.close()

    def _answer(self, answer: Found | Refused) -> None:
        if self.task is not None:
            self.task.answer = answer
            self.task = None


def _name_end(number: int) -> Refused:
    """What it means that a process ended with a signal, or with a status (negative)."""
    if number == signal.SIGXCPU:
        return Refused("slow-page", "the extractor took longer than it may and was stopped")
    what = signal.Signals(number).name if number > 0 else f"status {-number}"
    return Refused("crashed-page", f"the extractor ended with {what}")
