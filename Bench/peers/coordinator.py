"""Processes that measure, asked in turns: one worker a peer, and this project's own program."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


class Failed(Exception):
    """A process that could not do what it was asked, with its reason."""


def limited(threads: int) -> dict[str, str]:
    """The environment of a process whose libraries are to keep to so many threads."""
    # What makes an old OpenBLAS run on a new processor slows the peers' own, newer ones.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return kept | {name: str(threads) for name in names}


class WorkerProcess:
    """A peer's worker."""

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=limited(threads),
        )

    def ask(self, command: dict[str, Any], limit: float | None = None) -> dict[str, Any]:
        """The reply to a command; raises Failed for an error, an end or, after `limit` seconds, no reply."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(self.last_words()) from None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(limit):
                self.stop()
                raise Failed(f"no answer in {limit:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise Failed(self.last_words())
        reply = json.loads(line)
        if "error" in reply:
            raise Failed(reply["error"])
        return reply

    def last_words(self) -> str:
        self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return (lines[-1] if lines else f"ended with status {self.process.returncode}")[:300]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Ours:
    """facegallery-bench, whose index stays in a folder from turn to turn."""

    def __init__(self, program: str, base: str, folder: str, build_threads: int) -> None:
        self.words = [program, "search", "--json", "--base", base, "--index", folder]
        self.words += ["--build-threads", str(build_threads), "--rounds", "1"]

    def sweep(self, probes: str, truth: str, k: int, threads: int, batch: str) -> list[dict[str, Any]]:
        """Every point of the sweep, measured once."""
        words = self.words + ["--sweep", "--probes", probes, "--truth", truth]
        words += ["-k", str(k), "--threads", str(threads), "--batch", batch]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Failed(done.stderr.strip()[-300:])
        return [json.loads(line) for line in done.stdout.splitlines()]
