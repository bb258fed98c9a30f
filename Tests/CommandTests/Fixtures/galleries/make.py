#!/usr/bin/env python3
"""Makes a small gallery with a program, and notes what it answers, for tests of later versions.

usage: make.py PROGRAM DIRECTORY

Run it once with the program of a release. The directory gets the gallery g (without the files that
only the machine needs that made it), templates to look up (probes.npy) and that program's answers (answers.jsonl).
"""
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

DIMENSION, SUBJECTS, REFERENCES = 16, 30, 40


def npy(rows):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(rows)}, {len(rows[0])}), }}"
    header = header.ljust(117) + "\n"
    numbers = b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + numbers


def unit_vector():
    vector = [random.gauss(0, 1) for _ in range(DIMENSION)]
    length = math.sqrt(sum(number * number for number in vector))
    return [number / length for number in vector]


def main():
    program, target = (os.path.abspath(path) for path in sys.argv[1:3])
    gallery = f"{target}/g"
    os.makedirs(target)
    random.seed(7)
    rows = [unit_vector() for _ in range(REFERENCES)]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)

        def run(*words):
            return subprocess.run((program, *words), check=True, capture_output=True, text=True).stdout

        with open("x.npy", "wb") as file:
            file.write(npy(rows))
        with open("x.txt", "w") as file:
            file.writelines(f"subject {number % SUBJECTS:02}\n" for number in range(REFERENCES))
        with open("probes.npy", "wb") as file:
            file.write(npy(rows[:SUBJECTS]))
        run("create", "-g", gallery, "--dimension", str(DIMENSION))
        run("enroll", "-g", gallery, "--embeddings", "x.npy", "--subjects", "x.txt")
        run("remove", "-g", gallery, "subject 03")
        run("rename", "-g", gallery, "subject 04", "Zoë")
        run("merge", "-g", gallery, "subject 05", "subject 06")
        question = ("--embeddings", "probes.npy", "-k", "3", "--min-similarity", "0.9", "--json")
        answers = run("identify", "-g", gallery, *question)
        with open("probes.npy", "rb") as file, open(f"{target}/probes.npy", "wb") as copy:
            copy.write(file.read())
    with open(f"{target}/answers.jsonl", "w") as file:
        for line in answers.splitlines():
            answer = json.loads(line)
            facts = {key: answer[key] for key in ("decision", "candidates")}
            file.write(json.dumps(facts, ensure_ascii=False, sort_keys=True) + "\n")
    for name in ("lock.mdb", "last-writer"):
        if os.path.exists(f"{gallery}/{name}"):
            os.remove(f"{gallery}/{name}")


main()
