#!/usr/bin/env python3
"""Times two builds of facegallery at the same jobs, turn about, to show that a change made nothing slower.

    Bench/compare-versions.py --before OLD/facegallery --after .build/release/facegallery --references base.npy \\
        --probes mate.npy --photos PHOTOS --work DIR > Bench/Results/versions.jsonl

The two files are from `facegallery-bench data`. Each job runs --rounds times with each build, in turn, each build on
galleries that it made itself. A line of JSON a job: the median time of each build in seconds, from start to exit, and
the median of the ratios of neighbouring runs (after / before: above 1 is slower); the same for processor time, which
says more where other programs run beside (load). Galleries of photos are made with --network, so that both builds
compute the same.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

from histories import Matrix, processor


class Build:
    """A program with galleries of its own."""

    def __init__(self, name, program, folder):
        self.name, self.program, self.folder = name, program, f"{folder}/{name}"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)

    def time(self, *words):
        """Seconds, and seconds of the processor, of a run that must succeed."""
        start = time.perf_counter()
        process = subprocess.Popen(
            [self.program, *words], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        taken = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{self.program} {' '.join(words)}: ended with {process.returncode}")
        return taken, usage.ru_utime + usage.ru_stime

    def clear(self, name):
        path = f"{self.folder}/{name}"
        if os.path.isdir(path):
            shutil.rmtree(path)

    def untimed(self, *words):
        self.time(*words)


def jobs(arguments, files):
    """Each job: its name, its runs in a round, what comes before a run untimed, and the words that are timed."""
    of_gallery = ["-g", "faces"]
    one, many = files["one"], files["many"]
    enroll = ["enroll", *of_gallery, "--embeddings", arguments.references, "--subjects", files["names"]]

    def emptied(build):
        build.clear("faces")
        build.untimed("create", *of_gallery, "--dimension", str(files["columns"]))

    yield "enroll templates", 1, emptied, enroll
    yield "identify one template, as a process", 10, None, ["identify", *of_gallery, "--json", "--embeddings", one]
    yield "identify a thousand templates", 2, None, ["identify", *of_gallery, "--json", "--embeddings", many]
    yield "check", 1, None, ["check", *of_gallery]
    yield "snapshot", 1, lambda build: build.clear("copy"), ["snapshot", *of_gallery, "copy"]
    yield "compact", 1, None, ["compact", *of_gallery]
    if arguments.photos:
        of_photos = ["-g", "people"]

        def without_people(build):
            build.clear("people")
            build.untimed("create", *of_photos, "--network", arguments.network)

        yield "enroll photos", 1, without_people, ["enroll", *of_photos, files["photos"]]
        yield "identify photos", 1, None, ["identify", *of_photos, "--json", files["photos"]]


def measure(name, runs, prepare, words, builds, rounds):
    times = {build.name: [] for build in builds}
    for round_number in range(rounds):
        for run in range(runs):
            # Who comes first takes turns, too.
            for build in builds if (round_number + run) % 2 == 0 else builds[::-1]:
                if prepare:
                    prepare(build)
                times[build.name].append(build.time(*words))
    before, after = (times[build.name] for build in builds)
    line = {"bench": "versions", "job": name, "runs": len(before)}
    for place, kind in enumerate(("s", "cpu_s")):
        line[f"before_{kind}"] = round(statistics.median(run[place] for run in before), 4)
        line[f"after_{kind}"] = round(statistics.median(run[place] for run in after), 4)
        ratios = sorted(new[place] / old[place] for old, new in zip(before, after))
        line[f"ratio_{kind}"] = round(statistics.median(ratios), 3)
        line[f"ratio_{kind}_range"] = [round(ratios[0], 3), round(ratios[-1], 3)]
    return line


def prepared(arguments):
    """Files that the jobs read."""
    references, probes = Matrix(arguments.references), Matrix(arguments.probes)
    folder = os.path.abspath(arguments.work)
    os.makedirs(folder, exist_ok=True)
    files = {"names": f"{folder}/names.txt", "one": f"{folder}/one.npy", "many": f"{folder}/many.npy"}
    with open(files["names"], "w") as out:
        out.writelines(f"subject {row}\n" for row in range(references.rows))
    probes.write(files["one"], 0, 1)
    probes.write(files["many"], 0, min(1000, probes.rows))
    files |= {"columns": references.columns, "n": references.rows, "photos": f"{folder}/photos"}
    if arguments.photos:
        shutil.rmtree(files["photos"], ignore_errors=True)
        os.mkdir(files["photos"])
        for person in sorted(os.listdir(arguments.photos))[: arguments.people]:
            shutil.copytree(f"{arguments.photos}/{person}", f"{files['photos']}/{person}")
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", required=True)
    parser.add_argument("--after", default=".build/release/facegallery")
    parser.add_argument("--references", required=True)
    parser.add_argument("--probes", required=True)
    parser.add_argument("--photos", help="one folder per person")
    parser.add_argument("--people", type=int, default=150, help="as many folders of --photos")
    parser.add_argument("--network", default="dlib-resnet")
    parser.add_argument("--work", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="jobs whose name contains this")
    arguments = parser.parse_args()
    arguments.references, arguments.probes = map(os.path.abspath, (arguments.references, arguments.probes))
    files = prepared(arguments)
    programs = (("before", arguments.before), ("after", arguments.after))
    builds = [Build(name, os.path.abspath(program), os.path.abspath(arguments.work)) for name, program in programs]
    cpu, cores = processor()
    for name, runs, prepare, words in jobs(arguments, files):
        if arguments.only and arguments.only not in name:
            continue
        line = measure(name, runs, prepare, words, builds, arguments.rounds)
        line |= {"n": files["n"], "network": arguments.network, "cpu": cpu, "cores": cores}
        line["load"] = round(os.getloadavg()[0], 1)
        print(json.dumps(line), flush=True)
    for build in builds:
        shutil.rmtree(build.folder)


if __name__ == "__main__":
    main()
