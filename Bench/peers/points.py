"""What was measured at points of the peers' parameters, and which points are worth measuring again."""

from __future__ import annotations

from typing import Any

SETS = ("mated", "non-mated")

# What the tables ask: the best answer for mated probes, ten neighbours for the others.
TARGETS = {"mated": (0.95, 0.99, 0.999), "non-mated": (0.9, 0.95, 0.99)}


class Measured:
    """One point, one set of probes, one kind of call; the best of its rounds counts."""

    def __init__(self, set_name: str, point: dict[str, Any], batch: str) -> None:
        self.set_name = set_name
        self.point = point
        self.batch = batch
        self.runs: list[dict[str, Any]] = []

    def take(self, reply: dict[str, Any]) -> Measured:
        self.runs.append(reply)
        return self

    @property
    def best(self) -> dict[str, Any]:
        return max(self.runs, key=lambda run: run["qps"])

    @property
    def qps(self) -> float:
        return self.best["qps"]

    @property
    def recall(self) -> float:
        """What the tables ask of these probes."""
        return self.runs[0]["recall1" if self.set_name == "mated" else "recall10"]

    def record(self) -> dict[str, Any]:
        named = ("qps", "qps_processor", "processor_share", "p50_us", "p99_us", "recall1", "recall10")
        record = {name: self.best[name] for name in named}
        record |= {"set": self.set_name, "batch": self.batch, "point": self.point}
        return record | {"qps_runs": [round(run["qps"], 1) for run in self.runs]}


def is_settled(point: dict[str, int], done: list[Measured], exact_qps: float) -> bool:
    """Whether a point need not be measured.

    So when one that asks less of every parameter has found everything already, or is half as fast as comparing
    everything: asking more makes neither better.
    """
    return any(
        (found.recall >= 0.9999 or found.qps < 0.5 * exact_qps)
        and all(found.point[name] <= point[name] for name in point)
        for found in done
    )


def contenders(found: list[Measured]) -> list[Measured]:
    """Points that no other beats clearly: as much recall at a tenth more speed."""
    return [
        one
        for one in found
        if not any(
            other.set_name == one.set_name and other.recall >= one.recall and other.qps > 1.1 * one.qps
            for other in found
        )
    ]


def candidates(found: list[Measured]) -> list[Measured]:
    """Points that may turn out the fastest for a target: no other meets as many targets at a tenth more speed."""

    def met(one: Measured) -> int:
        return sum(one.recall >= target for target in TARGETS[one.set_name])

    return [
        one
        for one in found
        if met(one) > 0
        and not any(
            other.set_name == one.set_name and met(other) >= met(one) and other.qps > 1.1 * one.qps
            for other in found
        )
    ]


def winners(found: list[Measured]) -> list[Measured]:
    """The fastest point for each target."""
    chosen: list[Measured] = []
    for set_name, targets in TARGETS.items():
        for target in targets:
            enough = [one for one in found if one.set_name == set_name and one.recall >= target]
            if enough and (best := max(enough, key=lambda one: one.qps)) not in chosen:
                chosen.append(best)
    return chosen


def thinned(points: list[dict[str, int]]) -> list[dict[str, int]]:
    """Every second value of each parameter, the largest among them."""
    kept: dict[str, set[int]] = {}
    for name in points[0]:
        values = sorted({point[name] for point in points})
        kept[name] = set(values[::-1][::2])
    return [point for point in points if all(point[name] in kept[name] for name in point)]
