#!/usr/bin/env python3
"""Writes the tables of Markdown files from recorded results, between markers that name the result.

A marker is a line `<!-- table: NAME FILE -->`; what stands between it and `<!-- end -->` is replaced. FILE is a
file of Bench/Results. Nothing but Python's own library is needed. With --check nothing is written, and the exit
code is 1 where a table is not that of its results. `--print NAME PATH` prints one table of any file, with
`--processor` by processor time, for runs on a machine that was busy.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "Bench" / "Results"
PAGES = ("README.md", "Bench/README.md", "docs/index.md", "docs/clustering.md", "docs/evaluation.md")
Record = dict[str, Any]

TARGETS = (
    ("mated", 0.95, "loss 5 %"),
    ("mated", 0.99, "loss 1 %"),
    ("mated", 0.999, "loss 0.1 %"),
    ("non-mated", 0.9, "@10 ≥ .9"),
    ("non-mated", 0.95, "@10 ≥ .95"),
    ("non-mated", 0.99, "@10 ≥ .99"),
)


def rows(header: list[str], body: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *body]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def fastest(records: list[Record], program: str, set_name: str, recall: float, batch: str) -> Record | None:
    """A program's fastest point that finds enough."""
    judged = "recall1" if set_name == "mated" else "recall10"
    enough = [
        record
        for record in records
        if record["program"] == program
        and record.get("set") == set_name
        and record["batch"] == batch
        and record[judged] >= recall
        and not record.get("slow")
    ]
    return max(enough, key=lambda record: record["qps"], default=None)


def conditions(record: Record) -> str:
    return (
        f"{record['cpu']}, {record['threads']} thread{'s' if record['threads'] > 1 else ''}, "
        f"{record['n']:,} × {record['dimension']} {record['data']}, seed {record['seed']}, k {record['k']}, "
        f"{record['build']}, commit {record['commit']}"
    )


def built(records: list[Record], program: str) -> str:
    """Build time and memory of everything that a program was built as."""
    own = [record for record in records if record["program"] == program and "build_s" in record]
    # What was built with fewer references says nothing beside the others.
    builds = {record["engine"]: record for record in own if not record.get("slow")}
    if own and not builds:
        return "too slow | "
    times = sorted(record["build_s"] for record in builds.values())
    sizes = sorted(record["bytes_per_reference"] for record in builds.values())
    if not times:
        return "| "

    def span(values: list[float]) -> str:
        ends = [number(values[0]), number(values[-1])]
        return ends[0] if ends[0] == ends[1] else "–".join(ends)

    return f"{span(times)} | {span(sizes)}"


def peers_table(records: list[Record], batch: str) -> str:
    """Queries a second of the best point of each program at each target, ours beside them."""
    programs = list(dict.fromkeys(record["program"] for record in records))
    others = [program for program in programs if program != "FaceGallery"]
    first = next(record for record in records if record["program"] == "FaceGallery")
    body = []
    for program in ["FaceGallery", *others]:
        cells = []
        for set_name, recall, _ in TARGETS:
            point = fastest(records, program, set_name, recall, batch)
            cells.append(number(point["qps"]) if point else "–")
        body.append([program, *cells, *built(records, program).split(" | ")])
    best = []
    for set_name, recall, _ in TARGETS:
        ours = fastest(records, "FaceGallery", set_name, recall, batch)
        points = [fastest(records, program, set_name, recall, batch) for program in others]
        rival = max((point["qps"] for point in points if point), default=None)
        best.append(f"**{ours['qps'] / rival:.2f}**" if ours and rival else "–")
    body.insert(1, ["ours ÷ best peer", *best, "", ""])
    header = ["queries/s", *(name for _, _, name in TARGETS), "build, s", "bytes a reference"]
    return rows(header, body) + f"\n{conditions(first)}.\n" + remarks(records)


def remarks(records: list[Record]) -> str:
    lines = []
    for record in records:
        if "absent" in record:
            lines.append(f"{record['program']} ({record['engine']}) is absent: {record['absent']}")
    slow = {r["engine"]: f"{r['engine']}: {r['slow']}; built with {r['n']:,}" for r in records if r.get("slow")}
    return "".join(f"\n{line.rstrip('.')}.\n" for line in [*lines, *slow.values()])


def latency_of_peers(records: list[Record]) -> str:
    """Time of a call with one probe, at the settings that won in batches."""
    programs = list(dict.fromkeys(record["program"] for record in records))
    body = []
    for program in programs:
        cells = []
        for set_name, recall in (("mated", 0.999), ("non-mated", 0.95)):
            point = fastest(records, program, set_name, recall, "1")
            cells += [number(point["p50_us"]), number(point["p99_us"])] if point else ["–", "–"]
        body.append([program, *cells])
    header = ["one probe a call, µs", "loss 0.1 %: p50", "p99", "@10 ≥ .95: p50", "p99"]
    return rows(header, body)


def cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " … ".join(cell(item) for item in value)
    if isinstance(value, float):
        return number(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def note_of(records: list[Record], *names: str) -> str:
    """What a table's records have in common, under it."""
    first = records[0]
    words = {
        "cpu": first["cpu"],
        "threads": f"{first['threads']} thread{'s' if first['threads'] > 1 else ''}",
        "n": f"{first['n']:,} × {first['dimension']} {first['data']}",
        "data": f"{first['data']}, {first['dimension']} dimensions",
    }
    told = [words[name] for name in names]
    return f"\n{', '.join(told)}, seed {first['seed']}, kernel {first['kernel']}, {first['build']}, commit {first['commit']}.\n"


def latency_table(records: list[Record]) -> str:
    body = [
        [
            record["phase"],
            record["set"],
            cell(record["threads"]),
            cell(record["per_second"]),
            *(cell(record[name]) for name in ("p50_us", "p90_us", "p99_us", "p999_us", "max_us")),
        ]
        for record in records
    ]
    header = ["loop", "probes", "threads", "searches/s", "p50, µs", "p90", "p99", "p99.9", "max"]
    return rows(header, body) + note_of(records, "cpu", "n")


def recall_table(records: list[Record]) -> str:
    body = []
    for record in records:
        if record["asked"] == 0:
            continue
        low, high = (f"{100 * end:.3g}" for end in record["interval"])
        body.append(
            [
                record["set"],
                f"{100 * record['asked']:g} %",
                f"{100 * record['measured']:.3g} % ({low} … {high})",
                f"{record['missed']} of {record['probes']:,}",
                "**refuted**" if record["refuted"] else f"not refuted, at most {high} %",
                f"{record['recall10']:.4f}",
                cell(record["qps"]),
            ]
        )
    header = ["probes", "loss asked", "measured (95 %)", "missed", "verdict", "recall@10", "queries/s"]
    return rows(header, body) + note_of(records, "cpu", "threads", "n")


def scaling_table(records: list[Record]) -> str:
    points = [record for record in records if record["bench"] == "scaling"]
    body = [
        [
            cell(record["n"]),
            record["set"],
            *(cell(record[name]) for name in ("p50_us", "p99_us", "qps", "batch_qps")),
            f"{record['recall1']:.4f}",
            *(cell(record[name]) for name in ("build_s", "bytes_per_reference")),
        ]
        for record in points
    ]
    header = ["references", "probes", "p50, µs", "p99", "queries/s, single", "batch", "recall@1", "build, s", "bytes a reference"]
    lines = ""
    for fit in records:
        if fit["bench"] != "scaling fit":
            continue
        parts = [f"{name} N^{fit[f'{name}_exponent']:.2f}" for name in ("p50", "p99", "batch", "build", "memory")]
        lines += f"\nFitted, {fit['set']}: {', '.join(parts)}.\n"
    return rows(header, body) + lines + note_of(points, "cpu", "threads", "data")


def churn_table(records: list[Record]) -> str:
    body = [
        [
            record["phase"],
            record["set"],
            cell(record["removed"]),
            f"{100 * record['loss']:.3g} %",
            *(cell(record[name]) for name in ("p50_us", "p99_us", "batch_qps", "bytes_per_reference", "change_s")),
        ]
        for record in records
    ]
    header = ["state", "probes", "exchanged", "loss", "p50, µs", "p99", "queries/s, batch", "bytes a reference", "change, s"]
    return rows(header, body) + note_of(records, "cpu", "threads", "n")


def enroll_table(records: list[Record]) -> str:
    names = ("n", "seconds", "templates_per_second", "copy_seconds", "again_seconds", "bytes_per_reference")
    names += ("peak_bytes", "check_seconds", "query_ms", "cold_query_ms", "single_p50_us")
    body = [[cell(record[name]) for name in names] for record in records]
    header = ["templates", "seconds", "templates/s", "copying the same bytes, s", "the job again, s"]
    header += ["bytes on disk a reference", "peak memory, bytes", "check, s", "a CLI query, ms", "the same cold, ms"]
    header += ["one, durable: p50, µs"]
    return rows(header, body) + note_of(records, "cpu", "threads", "data")


def forms_table(records: list[Record]) -> str:
    names = ("job", "form", "seconds", "templates_per_second", "file_bytes", "peak_bytes")
    body = [[cell(record[name]) for name in names] for record in records]
    header = ["job", "form", "seconds", "templates/s", "bytes of the file", "peak memory, bytes"]
    return rows(header, body) + note_of(records, "cpu", "threads", "data")


def growth_table(records: list[Record]) -> str:
    names = ("jobs", "n", "seconds", "longest_job_s", "trained_on", "mated_loss", "non_mated_loss", "p50_us")
    body = [[cell(record[name]) for name in names] for record in records]
    header = ["jobs", "templates in all", "seconds in all", "longest job, s", "index trained on"]
    header += ["loss, mated", "loss, non-mated", "a search: p50, µs"]
    return rows(header, body) + note_of(records, "cpu", "threads", "data")


CLUSTER_NAMES = {
    "facegallery": "FaceGallery", "dbscan": "DBSCAN (scikit-learn)",
    "chinese-whispers": "Chinese Whispers (dlib)", "hdbscan": "HDBSCAN",
}


def cluster_table(records: list[Record]) -> str:
    body = []
    for record in records:
        ours = record["program"] == "facegallery"
        seconds = record["compareSeconds"] + record["groupSeconds"] if ours else record.get("seconds")
        peak = record.get("peakBytes") or record.get("peak_bytes")
        if record.get("f") is None:
            limit = f"not done after {record['limit_seconds']:,.0f} s"
            body.append([CLUSTER_NAMES[record["program"]], "–", "–", "–", limit, "–"])
            continue
        figures = [f"{record[name]:.4f}" for name in ("f", "precision", "recall")]
        body.append([CLUSTER_NAMES[record["program"]], *figures, number(seconds), number(peak / 1e6)])
    own = records[0]
    added = own["addedCompareSeconds"] + own["addedGroupSeconds"]
    same = "the same groups" if own["sameGroups"] else "other groups"
    note = (
        f"{own['set']}: {own['n']:,} faces of {own['people']:,} people, {100 * own['aloneShare']:.0f} % of the faces "
        f"alone; threshold {own['minSimilarity']}. Adding the last {own['added']} faces took {number(added)} s "
        f"({number(own['addedCompareSeconds'])} s to compare, {number(own['addedGroupSeconds'])} s to group), and gave "
        f"{same}. {own['machine']['processor']}, {own['threads']} thread{'s' if own['threads'] > 1 else ''}, "
        f"build {own['machine']['build']}, commit {own['commit']}."
    )
    header = ["", "F", "precision", "recall", "seconds", "peak memory, MB"]
    return rows(header, body) + "\n" + note + "\n"


def calibration_table(records: list[Record]) -> str:
    """Realised FPIR as a multiple of the target; bold where it is beyond what was promised."""
    points = [record for record in records if record["bench"] == "calibration"]
    groups: dict[tuple[int, int, str], dict[float, Record]] = {}
    for record in points:
        key = (record["references"], record["calibratedAt"], record["source"])
        groups.setdefault(key, {})[record["target"]] = record
    body = []
    for (references, at, source), found in sorted(groups.items()):
        limit = 1.5 if references == at else 2
        ratios = []
        for target in (0.1, 0.01, 0.003):
            ratio = found[target]["ratio"]
            lost = ratio > limit or ratio < 1 / limit
            ratios.append(f"**{ratio:.2f}**" if lost else f"{ratio:.2f}")
        plain = [found[target].get("quantileRatio") for target in (0.1, 0.01, 0.003)]
        body.append(
            [f"{references:,}", f"{at:,}", source, *ratios, " / ".join("–" if p is None else f"{p:.2f}" for p in plain)]
        )
    header = ["references", "calibrated at", "strangers", "10 %", "1 %", "0.3 %", "plain quantile"]
    text = rows(header, body)
    bins = [record for record in records if record["bench"] == "calibrated probability"]
    if bins:
        text += "\nProbability, expected calibration error: " + ", ".join(
            f"{record['expectedCalibrationError']:.4f} at {record['references']:,}" for record in bins
        ) + ".\n"
    return text + f"\n{points[0]['machine']['processor']}.\n"


TABLES: dict[str, Callable[[list[Record]], str]] = {
    "peers": lambda records: peers_table(records, "all"),
    "peers-single": lambda records: peers_table(records, "1"),
    "peers-latency": latency_of_peers,
    "latency": latency_table,
    "recall": recall_table,
    "scaling": scaling_table,
    "churn": churn_table,
    "enroll": enroll_table,
    "forms": forms_table,
    "growth": growth_table,
    "cluster": cluster_table,
    "calibration": calibration_table,
}


def read(name: str) -> list[Record]:
    return [json.loads(line) for line in (RESULTS / name).read_text(encoding="utf-8").splitlines() if line]


def rewritten(text: str) -> str:
    def table(match: re.Match[str]) -> str:
        name, file = match[2], match[3]
        recorded = (RESULTS / file).exists()
        text = TABLES[name](read(file)) if recorded else f"Not recorded yet: `Bench/Results/{file}`.\n"
        return f"{match[1]}\n{text}<!-- end -->"

    return re.sub(r"(<!-- table: (\S+) (\S+) -->)\n.*?<!-- end -->", table, text, flags=re.DOTALL)


def main() -> int:
    if len(sys.argv) >= 4 and sys.argv[1] == "--print":
        records = read(str(Path(sys.argv[3]).resolve()))
        if "--processor" in sys.argv:
            records = [record | {"qps": record.get("qps_processor", 0.0)} for record in records]
        print(TABLES[sys.argv[2]](records), end="")
        return 0
    stale = 0
    for page in PAGES:
        path = ROOT / page
        old = path.read_text(encoding="utf-8")
        new = rewritten(old)
        if new == old:
            continue
        stale += 1
        if "--check" in sys.argv:
            print(f"{page}: its tables are not those of Bench/Results; run Bench/tables.py", file=sys.stderr)
        else:
            path.write_text(new, encoding="utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
