#!/usr/bin/env python3
"""Times `facegallery identify` as a process after what may have happened to a gallery before.

    Bench/histories.py --references base.npy --probes mate.npy --work DIR > Bench/Results/histories-1000000.jsonl

The two files are from `facegallery-bench data`. The gallery gets 95 % of the references; the others come later. Each
history prints two lines of JSON. "first" is the process that finds the gallery just so: for each run the index is put
back as the history left it. "later" are processes after one that was allowed to save. Times are in milliseconds, from
start to exit, with the gallery's files in the page cache; cpu_p50_ms is the processor's, which says more where other
programs run beside (load).
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import time


class Matrix:
    """The rows of a `.npy` file of float32."""

    def __init__(self, path):
        self.file = open(path, "rb")
        head = self.file.read(10)
        size = struct.unpack("<H", head[8:10])[0]
        text = self.file.read(size).decode()
        facts = eval(text, {"__builtins__": {}})  # the literal that the format prescribes
        if head[:6] != b"\x93NUMPY" or facts["descr"] != "<f4" or facts["fortran_order"]:
            sys.exit(f"{path}: not a matrix of float32 in C order")
        (self.rows, self.columns), self.start = facts["shape"], 10 + size

    def bytes(self, first, count):
        self.file.seek(self.start + 4 * self.columns * first)
        return self.file.read(4 * self.columns * count)

    def write(self, path, first, count):
        """A matrix of some rows, in a file of its own."""
        text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, {self.columns}), }}"
        text = text.ljust(128 - 10 - 1) + "\n"
        with open(path, "wb") as out:
            out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode())
            for row in range(first, first + count, 65536):
                out.write(self.bytes(row, min(65536, first + count - row)))

    def lines(self, first, count):
        """Rows as `enroll --embeddings -` reads them."""
        for row in range(first, first + count):
            numbers = struct.unpack(f"<{self.columns}f", self.bytes(row, 1))
            numbers = ",".join(f"{number:.7g}" for number in numbers)
            yield f'{{"subject":"subject {row}","embedding":[{numbers}]}}\n'.encode()


class Gallery:
    def __init__(self, program, path, references, probes):
        self.program, self.path, self.references, self.probes = program, path, references, probes
        self.probe = path + "-probe.npy"

    def run(self, *words):
        return subprocess.run([self.program, *words, "-g", self.path], check=True, capture_output=True).stdout

    def count(self):
        return json.loads(self.run("stats", "--json"))["references"]

    def create(self, count):
        self.run("create", "--dimension", str(self.references.columns))
        matrix, names = self.path + "-base.npy", self.path + "-names.txt"
        self.references.write(matrix, 0, count)
        with open(names, "w") as out:
            out.writelines(f"subject {row}\n" for row in range(count))
        self.run("enroll", "--embeddings", matrix, "--subjects", names)
        os.remove(matrix)

    def enrol_and_signal(self, first, count, number):
        """A job whose last reference is committed when it gets a signal."""
        words = [self.program, "enroll", "-g", self.path, "--embeddings", "-"]
        job = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in self.references.lines(first, count):
            job.stdin.write(line)
        job.stdin.flush()
        while self.count() < first + count:
            time.sleep(0.2)
        job.send_signal(number)
        job.wait()
        job.stdin.close()

    def keep_index(self):
        shutil.rmtree(self.path + "-index", ignore_errors=True)
        if os.path.isdir(self.path + "/index"):
            shutil.copytree(self.path + "/index", self.path + "-index", copy_function=os.link)

    def put_index_back(self):
        shutil.rmtree(self.path + "/index", ignore_errors=True)
        if os.path.isdir(self.path + "-index"):
            shutil.copytree(self.path + "-index", self.path + "/index", copy_function=os.link)

    def identify(self, run):
        self.probes.write(self.probe, run % self.probes.rows, 1)
        words = [self.program, "identify", "-g", self.path, "--json", "--min-similarity", "0.3", "--embeddings"]
        start = time.perf_counter()
        process = subprocess.Popen([*words, self.probe], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        time_taken = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"identify ended with {process.returncode}")
        return 1e3 * time_taken, 1e3 * (usage.ru_utime + usage.ru_stime)


def processor():
    with open("/proc/cpuinfo") as info:
        names = [line.split(":")[1].strip() for line in info if line.startswith("model name")]
    return (names or ["unknown"])[0], len(names)


def measure(gallery, history, runs, conditions):
    gallery.keep_index()
    gallery.identify(0)
    firsts, later = [], []
    # The first training of an index takes long, and is the same each time.
    for run in range(runs if os.path.isdir(gallery.path + "-index") else 1):
        gallery.put_index_back()
        firsts.append(gallery.identify(run))
    for run in range(runs):
        later.append(gallery.identify(run))
    for name, times in (("first", firsts), ("later", later)):
        walls, processors = zip(*times)
        line = {"history": history, "process": name, "runs": len(times), "p50_ms": round(statistics.median(walls), 1)}
        line |= {"min_ms": round(min(walls), 1), "max_ms": round(max(walls), 1)}
        line |= {"cpu_p50_ms": round(statistics.median(processors), 1), **conditions}
        line["load"] = round(os.getloadavg()[0], 1)
        print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facegallery", default=".build/release/facegallery")
    parser.add_argument("--references", required=True)
    parser.add_argument("--probes", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--data", default="margin-softmax", help="what the references are like")
    arguments = parser.parse_args()
    references, probes = Matrix(arguments.references), Matrix(arguments.probes)
    os.makedirs(arguments.work, exist_ok=True)
    gallery = Gallery(arguments.facegallery, arguments.work + "/faces", references, probes)
    cpu, cores = processor()
    conditions = {"bench": "histories", "n": references.rows, "data": arguments.data, "threads": 1, "cpu": cpu}
    conditions |= {"cores": cores}
    n, percent = references.rows, references.rows // 100
    done = 95 * percent
    gallery.create(done)
    measure(gallery, "saved", arguments.runs, conditions)
    for share in (1, 3):
        gallery.enrol_and_signal(done, share * percent, signal.SIGKILL)
        done += share * percent
        measure(gallery, f"{share} % added, killed", arguments.runs, conditions)
    gallery.enrol_and_signal(done, percent, signal.SIGTERM)
    measure(gallery, "1 % added, interrupted", arguments.runs, conditions)
    gallery.keep_index()
    # In one go: the index that is put back was saved just before.
    gallery.run("remove", *(f"subject {row}" for row in range(2 * percent)))
    gallery.put_index_back()
    measure(gallery, "2 % removed, not saved", arguments.runs, conditions)
    shutil.rmtree(gallery.path + "/index")
    measure(gallery, "index deleted", arguments.runs, conditions)


if __name__ == "__main__":
    main()
