#!/usr/bin/env python3
"""Enrols a folder of photos with `facegallery enroll` and, in turns, with a Python loop around dlib's own module.

Counted from a program's start to its end; facegallery's gallery is durable and searchable then, the loop's templates
are in memory. A line of JSON a program goes to --out: seconds and processor seconds of the best turn, and how many
times as fast facegallery was.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

here = Path(__file__).resolve().parent


def measured(command: list[str]) -> tuple[float, float, str]:
    """Seconds, processor seconds and standard output of a program that ends well."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    # One thread of BLAS a process: the processes are as many as there are cores.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    seconds = time.perf_counter() - start
    if run.returncode != 0:
        sys.exit(f"{command[0]} ended with status {run.returncode}: {run.stderr[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, run.stdout


def facegallery(options: argparse.Namespace) -> tuple[float, float, dict]:
    with tempfile.TemporaryDirectory(prefix="facegallery-bench-") as folder:
        gallery = folder + "/gallery"
        subprocess.run([options.facegallery, "create", "-g", gallery], check=True, stderr=subprocess.DEVNULL)
        command = [options.facegallery, "enroll", "-g", gallery, "--json", "--rejects", folder + "/rejects.jsonl"]
        seconds, processor, out = measured([*command, options.photos])
        summary = json.loads(out.splitlines()[-1])
        photos = summary["enrolled"] + summary["refused"]
        return seconds, processor, {"photos": photos, "enrolled": summary["enrolled"]}


def dlib(options: argparse.Namespace, processes: int) -> tuple[float, float, dict]:
    loop = [options.python, str(here / "dlib_loop.py"), options.photos, "--processes", str(processes)]
    seconds, processor, out = measured([*loop, "--shape", options.shape, "--network", options.network])
    return seconds, processor, json.loads(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", required=True, help="a folder with a folder a person")
    parser.add_argument("--facegallery", required=True, help="the program")
    parser.add_argument("--python", required=True, help="an interpreter with dlib")
    parser.add_argument("--shape", required=True, help="shape_predictor_5_face_landmarks.dat")
    parser.add_argument("--network", required=True, help="dlib_face_recognition_resnet_model_v1.dat")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    cores = os.cpu_count() or 1
    programs = {"facegallery enroll": lambda: facegallery(options), "dlib, Python loop": lambda: dlib(options, 1)}
    if cores > 1:
        programs[f"dlib, Python, {cores} processes"] = lambda: dlib(options, cores)
    best: dict[str, tuple[float, float, dict]] = {}
    for _ in range(options.turns):
        for name, program in programs.items():
            turn = program()
            print(f"{name}: {turn[0]:.1f} s, {turn[1]:.1f} processor seconds", file=sys.stderr, flush=True)
            if name not in best or turn[0] < best[name][0]:
                best[name] = turn
    ours = best["facegallery enroll"]
    info = Path("/proc/cpuinfo").read_text()
    cpu = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), "unknown")
    git = ["git", "-C", str(here), "rev-parse", "--short=12", "HEAD"]
    commit = os.environ.get("FACEGALLERY_COMMIT") or subprocess.run(git, stdout=subprocess.PIPE, text=True).stdout.strip()
    with open(options.out, "w", encoding="utf-8") as out:
        for name, (seconds, processor, facts) in best.items():
            line = {
                "bench": "enroll photos", "program": name, "seconds": round(seconds, 2),
                "processor_seconds": round(processor, 2), "photos_per_second": round(facts["photos"] / seconds, 1),
                "facegallery_times_as_fast": round(seconds / ours[0], 2),
                "facegallery_times_as_fast_by_processor": round(processor / ours[1], 2),
                "cpu": cpu, "cores": cores, "turns": options.turns, "commit": commit, **facts,
            }
            print(json.dumps(line, sort_keys=True), file=out)


if __name__ == "__main__":
    main()
