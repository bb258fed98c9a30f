#!/usr/bin/env python3
"""Photos to templates with `facegallery enroll` and, in turns, with a Python loop of OpenCV and onnxruntime.

Both run YuNet and SFace, from the same files, and count from a program's start to its end. facegallery's gallery is
durable and searchable then, the loop's templates are in memory. The loop runs YuNet at the photo's own size, and
enlarged to 640 pixels, which places the points as well as facegallery's second looks do. A line of JSON a program goes
to --out: seconds and processor seconds of the best turn, how many times as fast facegallery was with as many threads, and
the load of the machine before each turn.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "enrollment"))
from run import measured  # noqa: E402


def facegallery(options: argparse.Namespace, threads: int) -> tuple[float, float, dict]:
    with tempfile.TemporaryDirectory(prefix="facegallery-bench-") as folder:
        gallery = folder + "/gallery"
        subprocess.run([options.facegallery, "create", "-g", gallery], check=True, stderr=subprocess.DEVNULL)
        command = [options.facegallery, "enroll", "-g", gallery, "--json", "--rejects", folder + "/rejects.jsonl"]
        seconds, processor, out = measured([*command, "--jobs", str(threads), options.photos])
        summary = json.loads(out.splitlines()[-1])
        return seconds, processor, {
            "photos": summary["enrolled"] + summary["refused"], "enrolled": summary["enrolled"]
        }


def loop(options: argparse.Namespace, models: str, side: int, processes: int) -> tuple[float, float, dict]:
    command = [options.python, str(here / "loop.py"), options.photos, "--processes", str(processes)]
    networks = ["--yunet", models + "/yunet.onnx", "--sface", models + "/sface.onnx", "--side", str(side)]
    seconds, processor, out = measured([*command, *networks])
    return seconds, processor, json.loads(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", required=True, help="a folder with a folder a person")
    parser.add_argument("--facegallery", required=True, help="the program")
    parser.add_argument("--python", required=True, help="the interpreter that make-environment.sh prints")
    parser.add_argument("--yunet", required=True, help="YuNet's file")
    parser.add_argument("--sface", required=True, help="SFace's file")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    best: dict[tuple[str, int], tuple[float, float, dict]] = {}
    loads: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="facegallery-bench-") as models:
        for name, words in (("yunet", ["--any-size"]), ("sface", [])):
            prepare = [options.python, str(here / "prepare.py"), getattr(options, name), f"{models}/{name}.onnx"]
            subprocess.run([*prepare, *words], check=True)
        for _ in range(options.turns):
            for threads in options.threads:
                programs = {
                    "facegallery enroll": lambda: facegallery(options, threads),
                    "OpenCV and onnxruntime": lambda: loop(options, models, 0, threads),
                    "OpenCV and onnxruntime, 640 pixels": lambda: loop(options, models, 640, threads),
                }
                for name, program in programs.items():
                    key = (name, threads)
                    loads.setdefault(key, []).append(round(os.getloadavg()[0], 2))
                    turn = program()
                    print(f"{name}, {threads}: {turn[0]:.1f} s, {turn[1]:.1f} processor seconds", file=sys.stderr)
                    if key not in best or turn[0] < best[key][0]:
                        best[key] = turn
    info = Path("/proc/cpuinfo").read_text()
    cpu = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), "unknown")
    git = ["git", "-C", str(here), "rev-parse", "--short=12", "HEAD"]
    commit = os.environ.get("FACEGALLERY_COMMIT") or subprocess.run(git, stdout=subprocess.PIPE, text=True).stdout.strip()
    with open(options.out, "w", encoding="utf-8") as out:
        for (name, threads), (seconds, processor, facts) in best.items():
            ours = best["facegallery enroll", threads]
            line = {
                "bench": "photos to templates", "program": name, "threads": threads, "seconds": round(seconds, 2),
                "processor_seconds": round(processor, 2), "photos_per_second": round(facts["photos"] / seconds, 1),
                "facegallery_times_as_fast": round(seconds / ours[0], 2),
                "facegallery_times_as_fast_by_processor": round(processor / ours[1], 2),
                "cpu": cpu, "cores": os.cpu_count(), "turns": options.turns, "commit": commit,
                "load": loads[name, threads], **facts,
            }
            print(json.dumps(line, sort_keys=True), file=out)


if __name__ == "__main__":
    main()
