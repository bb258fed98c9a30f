#!/usr/bin/env python3
"""Measures the peers and this project's index on the same references, probes, truth and threads, in turns.

Every peer is built once and lives in a process of its own. A first round goes through the grid of its parameters;
points that may be the fastest for a target are measured again in further rounds, in which all take turns, so that a
busy machine disturbs them alike. The best round of a point counts. A line of JSON a point goes to --out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from coordinator import Failed, Ours, WorkerProcess
from engines import ENGINES
from points import SETS, Measured, candidates, contenders, is_settled, thinned, winners


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the program facegallery-bench")
    parser.add_argument("--base", required=True, help="references, .npy")
    parser.add_argument("--mated", required=True, help="probes whose subjects are enrolled; NAME-truth.npy beside it")
    parser.add_argument("--non-mated", required=True, help="probes whose subjects are not")
    parser.add_argument("--out", required=True, help="where the lines go")
    parser.add_argument("--peers", default=",".join(ENGINES), help="which of " + ", ".join(ENGINES))
    parser.add_argument("--grid", choices=("coarse", "fine"), default="fine")
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1, help="of a search")
    parser.add_argument("--build-threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--build-limit", type=float, default=1200, help="seconds; slower ones get fewer references")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def say(line: str) -> None:
    print(time.strftime("%H:%M:%S"), line, file=sys.stderr, flush=True)


class Peer:
    """A built peer with what was measured of it."""

    def __init__(self, name: str, options: argparse.Namespace, folder: str) -> None:
        self.name = name
        self.options = options
        self.measured: dict[tuple[str, str, str], Measured] = {}
        self.base, self.truths = options.base, {name: truth_of(probes_of(options, name)) for name in SETS}
        self.facts: dict[str, Any] = {"slow": None}
        while True:
            self.worker = WorkerProcess(name, options.build_threads)
            build = {"do": "build", "base": self.base, "threads": options.build_threads, "k": options.k}
            try:
                self.facts |= self.worker.ask(build, options.build_limit)
                break
            except Failed as failure:
                if not str(failure).startswith("no answer"):
                    raise
                rows = len(np.load(self.base, mmap_mode="r"))
                if rows < 5_000:
                    raise Failed(f"{rows} references took over {options.build_limit:.0f} s") from None
                self.facts["slow"] = f"{rows} references took over {options.build_limit:.0f} s"
                say(f"{name}: {self.facts['slow']}, trying a fifth of them")
                self.base, self.truths = fewer(options, rows // 5, folder)
        self.points = self.facts.pop("points")
        for set_name in SETS:
            command = {"do": "probes", "set": set_name, "probes": probes_of(options, set_name)}
            self.worker.ask(command | {"truth": self.truths[set_name]})

    def survey(self, exact_qps: float) -> None:
        points = thinned(self.points) if self.options.grid == "coarse" else self.points
        for set_name in SETS:
            done: list[Measured] = []
            for point in points:
                if not is_settled(point, done, exact_qps):
                    done.append(self.measure(set_name, point, "all"))

    def measure(self, set_name: str, point: dict[str, int], batch: str) -> Measured:
        command = {"do": "measure", "set": set_name, "point": point, "batch": batch}
        reply = self.worker.ask(command | {"k": self.options.k, "threads": self.options.threads})
        if reply["processor_share"] > self.options.threads + 0.1:
            raise Failed(f"used {reply['processor_share']:.2f} threads instead of {self.options.threads}")
        key = (set_name, json.dumps(point), batch)
        return self.measured.setdefault(key, Measured(set_name, point, batch)).take(reply)

    def again(self) -> None:
        for found in candidates([m for m in self.measured.values() if m.batch == "all"]):
            self.measure(found.set_name, found.point, "all")

    def single(self) -> None:
        for found in winners([m for m in self.measured.values() if m.batch == "all"]):
            self.measure(found.set_name, found.point, "1")

    def records(self, common: dict[str, Any]) -> list[dict[str, Any]]:
        engine = ENGINES[self.name]
        facts = {"program": engine.family, "engine": self.name, "build_threads": self.options.build_threads}
        facts |= self.facts | {"n": len(np.load(self.base, mmap_mode="r"))}
        kept = contenders([m for m in self.measured.values() if m.batch == "all"])
        kept += [m for m in self.measured.values() if m.batch == "1"]
        return [common | facts | found.record() for found in kept]


def probes_of(options: argparse.Namespace, set_name: str) -> str:
    return options.mated if set_name == "mated" else options.non_mated


def truth_of(probes: str) -> str:
    return probes.removesuffix(".npy") + "-truth.npy"


def fewer(options: argparse.Namespace, rows: int, folder: str) -> tuple[str, dict[str, str]]:
    """The first references alone, and the truth about them."""
    base = np.load(options.base, mmap_mode="r")[:rows]
    path = f"{folder}/base-{rows}.npy"
    np.save(path, base)
    truths = {}
    for set_name in SETS:
        probes = np.load(probes_of(options, set_name))
        truths[set_name] = f"{folder}/{set_name}-{rows}-truth.npy"
        similar = probes @ base.T
        np.save(truths[set_name], np.argsort(-similar, axis=1, kind="stable")[:, :100])
    return path, truths


class OurIndex:
    """This project's index, with what was measured of it."""

    def __init__(self, options: argparse.Namespace, folder: str) -> None:
        self.options = options
        self.program = Ours(options.bench, options.base, f"{folder}/index", options.build_threads)
        self.measured: dict[tuple[str, float, str], Measured] = {}
        self.facts: dict[str, Any] = {}

    def turn(self, batch: str) -> None:
        for set_name in SETS:
            probes = probes_of(self.options, set_name)
            lines = self.program.sweep(probes, truth_of(probes), self.options.k, self.options.threads, batch)
            for line in lines:
                point = {"max_search_loss": line["max_search_loss"]}
                key = (set_name, line["max_search_loss"], batch)
                self.measured.setdefault(key, Measured(set_name, point, batch)).take(line)
                self.facts = line

    def records(self, common: dict[str, Any]) -> list[dict[str, Any]]:
        named = ("build_s", "save_s", "build_threads", "bytes_per_reference", "kernel", "n")
        facts = {"program": "FaceGallery", "engine": "facegallery", "variant": "", "version": self.facts["commit"]}
        facts |= {name: self.facts[name] for name in named}
        return [common | facts | found.record() for found in self.measured.values()]


def exact_qps(peers: list[Peer]) -> float:
    """How fast comparing everything was, where that has been measured."""
    exact = [peer for peer in peers if peer.name == "faiss-flat"]
    return max((found.qps for peer in exact for found in peer.measured.values()), default=0.0)


def write(options: argparse.Namespace, ours: OurIndex, peers: list[Peer], absent: dict[str, str]) -> None:
    line = ours.facts
    common = {name: line[name] for name in ("dimension", "k", "threads", "cpu", "commit", "data", "seed", "build")}
    common |= {"bench": "peers"}
    records = ours.records(common)
    for peer in peers:
        records += peer.records(common)
    for name, reason in absent.items():
        records.append(common | {"program": ENGINES[name].family, "engine": name, "n": line["n"], "absent": reason})
    text = "".join(json.dumps(record, sort_keys=True) + "\n" for record in records)
    Path(options.out).write_text(text, encoding="utf-8")


def main() -> None:
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        ours = OurIndex(options, folder)
        ours.turn("all")
        peers: list[Peer] = []
        absent: dict[str, str] = {}

        def turn(name: str, step: Any) -> None:
            """Lets one peer do something; one that fails is out, with its reason."""
            try:
                step()
            except Failed as failure:
                absent[name] = str(failure)
                say(f"{name}: {failure}")

        for name in options.peers.split(","):
            turn(name, lambda: peers.append(Peer(name, options, folder)))
            if name not in absent:
                say(f"{name}: {peers[-1].facts['variant']}, built in {peers[-1].facts['build_s']:.1f} s")
                turn(name, lambda: peers[-1].survey(exact_qps(peers)))
        for number in range(1, options.rounds):
            say(f"round {number + 1} of {options.rounds}")
            ours.turn("all")
            for peer in peers:
                if peer.name not in absent:
                    turn(peer.name, peer.again)
        say("single probes")
        ours.turn("1")
        for peer in peers:
            if peer.name not in absent:
                turn(peer.name, peer.single)
        write(options, ours, [peer for peer in peers if peer.name not in absent], absent)
        for peer in peers:
            peer.worker.stop()


main()
