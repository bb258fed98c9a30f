"""One peer in a process of its own: builds and measures what it is told on standard input, a line a command.

Replies are lines of JSON on standard output, of which whatever the libraries print is kept away.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from typing import Any

import numpy as np

from engines import ENGINES, Engine, Point

# How much less alike than the truth an answer may be: the rounding of float32 sums.
TOLERANCE = 1e-6
DEPTH = 10


class Judge:
    """Says how much of the truth was found, by similarities, so that ties count as found."""

    def __init__(self, base: np.ndarray, probes: np.ndarray, truth: np.ndarray) -> None:
        self.base = base
        self.probes = probes.astype(np.float64)
        self.truth = self.similarities(truth[:, : min(DEPTH, len(base))])

    def similarities(self, rows: np.ndarray) -> np.ndarray:
        known = np.clip(rows, 0, len(self.base) - 1)
        found = np.einsum("pd,pkd->pk", self.probes[: len(rows)], self.base[known].astype(np.float64))
        return np.where((rows >= 0) & (rows < len(self.base)), found, -2.0)

    def recall(self, rows: np.ndarray) -> tuple[float, float | None]:
        depth = self.truth.shape[1]
        found = self.similarities(rows[:, :depth])
        first = np.mean(found[:, 0] >= self.truth[:, 0] - TOLERANCE)
        if rows.shape[1] < depth:
            return float(first), None
        ordered = np.sort(rows[:, :depth], axis=1)
        repeated = np.any(ordered[:, 1:] == ordered[:, :-1])
        if repeated and depth > 1 and np.any(ordered[:, 1:][ordered[:, 1:] == ordered[:, :-1]] >= 0):
            raise ValueError("an answer names a row twice")
        hits = np.sum(found >= self.truth[:, -1:] - TOLERANCE)
        return float(first), float(hits / (len(rows) * depth))


def memory() -> int:
    """Bytes of memory of this process that are no file's pages."""
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/status", encoding="ascii") as status:
        return sum(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))


class Worker:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.base = np.empty((0, 0), dtype=np.float32)
        self.judges: dict[str, Judge] = {}
        self.probes: dict[str, np.ndarray] = {}

    def build(self, command: dict[str, Any]) -> dict[str, Any]:
        self.base = np.load(command["base"], mmap_mode="r")
        self.engine.load()
        before = memory()
        # What a peer takes is an array in memory; copying it there is not its work.
        rows = np.array(self.base)
        start = time.perf_counter()
        self.engine.build(rows, command["threads"])
        seconds = time.perf_counter() - start
        del rows
        bytes_used = max(0, memory() - before)
        return {
            "build_s": seconds,
            "bytes_per_reference": bytes_used / len(self.base),
            "points": self.engine.points(command["k"]),
            "variant": self.engine.variant,
            "version": self.engine.version,
        }

    def probe_set(self, command: dict[str, Any]) -> dict[str, Any]:
        probes = np.ascontiguousarray(np.load(command["probes"]), dtype=np.float32)
        self.probes[command["set"]] = probes
        self.judges[command["set"]] = Judge(self.base, probes, np.load(command["truth"]))
        return {}

    def measure(self, command: dict[str, Any]) -> dict[str, Any]:
        probes = self.probes[command["set"]]
        k, point, threads = command["k"], command["point"], command["threads"]
        self.engine.set_threads(threads)
        calls = [probes] if command["batch"] == "all" else [probes[at : at + 1] for at in range(len(probes))]
        self.warm(probes, k, point)
        times, answers = [], []
        processor = time.process_time()
        for call in calls:
            start = time.perf_counter()
            answers.append(self.engine.search(call, k, point))
            times.append(time.perf_counter() - start)
        processor = time.process_time() - processor
        recall1, recall10 = self.judges[command["set"]].recall(np.concatenate(answers))
        return {
            "qps": len(probes) / sum(times),
            "qps_processor": len(probes) * threads / processor,
            "p50_us": float(np.quantile(times, 0.5, method="inverted_cdf") * 1e6),
            "p99_us": float(np.quantile(times, 0.99, method="inverted_cdf") * 1e6),
            "recall1": recall1,
            "recall10": recall10,
            "processor_share": processor / sum(times),
        }

    def warm(self, probes: np.ndarray, k: int, point: Point) -> None:
        self.engine.search(probes[:100], k, point)
        self.engine.search(probes[:1], k, point)


def main() -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(ENGINES[sys.argv[1]])
    actions = {"build": worker.build, "probes": worker.probe_set, "measure": worker.measure}
    for line in sys.stdin:
        command = json.loads(line)
        try:
            reply = actions[command["do"]](command)
        except (ImportError, RuntimeError, ValueError, MemoryError, AttributeError, TypeError) as error:
            reply = {"error": f"{type(error).__name__}: {error}"[:500]}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


main()
