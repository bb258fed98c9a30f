#!/usr/bin/env python3
"""Draws what is recorded in Bench/Results with gnuplot, an SVG beside each file it has a plot for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "Results"
Record = dict[str, Any]
Line = tuple[str, list[tuple[float, ...]]]

SETTINGS = """set terminal svg size 760,460 background rgb "white" font "sans-serif,12"
set grid; set key outside right top; set style data linespoints
"""


def drawn(target: Path, settings: str, lines: Iterable[Line], style: str = "") -> None:
    """One plot of several lines, each a list of points."""
    lines = [(title, points) for title, points in lines if points]
    if not lines:
        return
    script = SETTINGS + f'set output "{target}"\n{settings}\n'
    for number, (_, points) in enumerate(lines):
        body = "\n".join(" ".join(f"{value:.9g}" for value in point) for point in points)
        script += f"$line{number} << EOD\n{body}\nEOD\n"
    parts = [f"$line{number} {style} title '{title}'" for number, (title, _) in enumerate(lines)]
    script += "plot " + ", ".join(parts) + "\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
    print(target)


def front(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points that no other beats in both, fastest first: x is a loss, y a speed."""
    best: list[tuple[float, float]] = []
    for loss, speed in sorted(points, key=lambda point: (-point[1], point[0])):
        if not best or loss < best[-1][0]:
            best.append((loss, speed))
    return best


def peers(records: list[Record], target: Path) -> None:
    """Speed against what is missed, the fastest points of each program."""
    for set_name, judged, what in (
        ("mated", "recall1", "mated probes: best answers missed"),
        ("non-mated", "recall10", "non-mated probes: of ten neighbours missed"),
    ):
        lines: list[Line] = []
        for program in dict.fromkeys(record["program"] for record in records):
            own = [
                # A loss of nothing has no place on a logarithmic axis: it stands at half a probe's share.
                (max(1 - record[judged], 1e-4), record["qps"])
                for record in records
                if record["program"] == program and record.get("set") == set_name and record.get("batch") == "all"
            ]
            lines.append((program, front(own)))
        settings = f'set logscale xy; set xlabel "{what}"; set ylabel "queries a second, batch"'
        drawn(target.with_name(f"{target.stem}-{set_name}.svg"), settings, lines)


def recall(records: list[Record], target: Path) -> None:
    """The loss that was measured against the one that was asked, with intervals."""
    lines: list[Line] = []
    for set_name in dict.fromkeys(record["set"] for record in records):
        points = [
            tuple(max(value, 1e-5) for value in (record["asked"], record["measured"], *record["interval"]))
            for record in records
            if record["set"] == set_name and record["asked"] > 0
        ]
        lines.append((set_name, points))
    asked = sorted({record["asked"] for record in records if record["asked"] > 0})
    lines.append(("as asked", [(value, value, value, value) for value in asked]))
    settings = 'set logscale xy; set xlabel "search loss asked"; set ylabel "measured, with 95 % interval"'
    drawn(target, settings, lines, "using 1:2:3:4 with yerrorlines")


def scaling(records: list[Record], target: Path) -> None:
    lines: list[Line] = []
    points = [record for record in records if record["bench"] == "scaling"]
    for set_name in dict.fromkeys(record["set"] for record in points):
        for name, title in (("p50_us", "p50"), ("p99_us", "p99")):
            own = [(record["n"], record[name]) for record in points if record["set"] == set_name]
            lines.append((f"{title}, {set_name}", own))
    settings = 'set logscale xy; set xlabel "references"; set ylabel "microseconds a search"; set format x "10^{%L}"'
    drawn(target, settings, lines)


def latency(records: list[Record], target: Path) -> None:
    """Times by the share of searches that take longer, from a half to one in a thousand."""
    shares = ((0.5, "p50_us"), (0.1, "p90_us"), (0.01, "p99_us"), (0.001, "p999_us"))
    lines: list[Line] = []
    for record in records:
        title = f"{record['phase']}, {record['set']}, {record['threads']} threads"
        lines.append((title, [(share, record[name]) for share, name in shares]))
    settings = (
        'set logscale xy; set xrange [1:0.001] reverse; set xlabel "share of searches that take longer"; '
        'set ylabel "microseconds"'
    )
    drawn(target, settings, lines)


def churn(records: list[Record], target: Path) -> None:
    lines: list[Line] = []
    for set_name in dict.fromkeys(record["set"] for record in records):
        own = [record for record in records if record["set"] == set_name and record["phase"] != "fresh"]
        fresh = [record for record in records if record["set"] == set_name and record["phase"] == "fresh"]
        lines.append((f"p50, {set_name}", [(record["removed"], record["p50_us"]) for record in own]))
        lines.append((f"fresh, {set_name}", [(record["removed"], record["p50_us"]) for record in fresh]))
    drawn(target, 'set xlabel "references exchanged"; set ylabel "microseconds a search"; set yrange [0:*]', lines)


PLOTS: dict[str, Callable[[list[Record], Path], None]] = {
    "peers": peers,
    "recall": recall,
    "scaling": scaling,
    "latency": latency,
    "churn": churn,
}


def main() -> None:
    files = [Path(name) for name in sys.argv[1:]] or sorted(RESULTS.glob("*.jsonl"))
    for file in files:
        plot = PLOTS.get(file.stem.split("-")[0])
        if plot is not None:
            records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
            plot(records, file.with_suffix(".svg"))


main()
