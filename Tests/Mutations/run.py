#!/usr/bin/env python3
"""Tries the mistakes of mutations.txt one after the other, and reports which of them no test notices.

    Tests/Mutations/run.py [--check] [--only 3,17,20-25] [--quick | --without-commands] -- FLAGS OF swift build

All mistakes are built into one copy of the sources, below .build/mutations: an environment variable chooses which of
them lives. So one build serves for all, and later ones only build what has changed. With each mistake the tests run that
are named with it, then all tests of its module, then those of modules that use that, until one fails, crashes or does
not end; all of these must pass without a mistake. Ends with 1 where a mistake survives that is not known to.
"""

import argparse
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
WORK = PROJECT / ".build" / "mutations"
TREE, BUILD, TEMPORARY = WORK / "tree", WORK / "build", WORK / "tmp"
VARIABLE = "FACEGALLERY_MUTANT"

# Where a mistake is, and who may notice it: the quickest first.
SUITES = {
    "Sources/TemplateStore/": ["TemplateStoreTests", "GalleryTests"],
    "Index/VectorIndex/": ["VectorIndexTests", "GalleryTests"],
    "Sources/Gallery/": ["GalleryTests"],
}
# Programs take long: only for what has survived all others.
LAST = "CommandTests"

CHOICE = f"""internal import Glibc

/// Which of the mistakes that are built in is made; none without the variable.
public enum Mutant {{
    private static let chosen = unsafe getenv("{VARIABLE}").flatMap {{ unsafe Int(String(cString: $0)) }} ?? 0

    public static func isChosen(_ number: Int) -> Bool {{ number == chosen }}
}}
"""


class Mutation:
    def __init__(self, number, file):
        self.number, self.file = number, file
        self.place = self.becomes = self.meaning = self.first = self.excuse = ""
        self.start = self.end = 0
        self.is_statement = False

    def locate(self, text):
        """Finds the place; returns what is wrong with it."""
        marks = re.fullmatch(r"(.*?)(««|«)(.*?)(»»|»)(.*)", self.place, re.DOTALL)
        if not marks or len(marks[2]) != len(marks[4]):
            return "the place has no marks, or more than one pair"
        self.is_statement = len(marks[2]) == 2
        if not self.is_statement and not self.becomes:
            return "an expression cannot become nothing"

        def pattern(part):
            words = r"\s+".join(re.escape(word) for word in part.split())
            before = r"\s*" if part[:1].isspace() else ""
            return before + words + (r"\s*" if part[-1:].isspace() and words else "")

        whole = pattern(marks[1]) + "(" + pattern(marks[3].strip()) + ")" + pattern(marks[5])
        found = list(re.finditer(whole, text))
        if len(found) != 1:
            return f"the place occurs {len(found)} times, not once: {self.place}"
        self.start, self.end = found[0].span(1)
        return None

    def chosen(self, original):
        """The code that is this mistake or none."""
        if self.is_statement:
            return f"if Mutant.isChosen({self.number}) {{ {self.becomes} }} else {{ {original} }}"
        return f"(Mutant.isChosen({self.number}) ? ({self.becomes}) : ({original}))"

    def filters(self, options):
        """The tests that run with it, as filters of swift test."""
        first = [f"{self.first}/"] if self.first else []
        if options.quick:
            return first
        suites = next(suites for folder, suites in SUITES.items() if self.file.startswith(folder))
        if not options.without_commands and not self.excuse:
            suites = suites + [LAST]
        return first + [f"{suite}." for suite in suites]

    @property
    def change(self):
        inner = re.search(r"««?(.*?)»»?", self.place, re.DOTALL)[1]
        return f"{inner} → {self.becomes or '(left out)'}"


def read_list():
    mutations = []
    lines = (HERE / "mutations.txt").read_text().splitlines()
    for line in lines:
        sign, rest = line[:1], line[1:].strip()
        if sign in ("", "#"):
            continue
        if sign not in "-+?!=":
            mutations.append(Mutation(len(mutations) + 1, line.strip()))
            continue
        name = {"-": "place", "+": "becomes", "?": "meaning", "!": "first", "=": "excuse"}[sign]
        setattr(mutations[-1], name, rest)
    return mutations


def check(mutations):
    """Finds all places; ends the program where the code has moved on."""
    problems = []
    texts = {}
    for mutation in mutations:
        path = PROJECT / mutation.file
        if not any(mutation.file.startswith(folder) for folder in SUITES) or not path.is_file():
            problems.append(f"{mutation.number} {mutation.file}: no file of a module that is looked at")
            continue
        text = texts.setdefault(mutation.file, path.read_text())
        problem = mutation.locate(text)
        if not problem and not mutation.meaning:
            problem = "what it means to a user is missing"
        if problem:
            problems.append(f"{mutation.number} {mutation.file}: {problem}")
    by_place = sorted(mutations, key=lambda one: (one.file, one.start))
    for one, other in zip(by_place, by_place[1:]):
        if one.file == other.file and other.start < one.end:
            problems.append(f"{one.number} and {other.number} overlap in {one.file}")
    if problems:
        sys.exit("Tests/Mutations/mutations.txt does not fit the code:\n  " + "\n  ".join(problems))
    return texts


def write(path, text):
    """Writes a file of the copy unless it is so already: what stays the same is not built again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bytes = text if isinstance(text, type(b"")) else text.encode()
    if not path.is_file() or path.read_bytes() != bytes:
        path.write_bytes(bytes)


def manifest():
    """The package without what takes no part, and with warnings that are none: a mistake may leave code unused."""
    text = (PROJECT / "Package.swift").read_text()
    strict = ".treatAllWarnings(as: .error),"
    if text.count(strict) != 1:
        sys.exit(f"Package.swift does not say '{strict}' once any more: change Tests/Mutations/run.py")
    suites = sorted({suite for suites in SUITES.values() for suite in suites} | {LAST})
    names = ", ".join(f'"{suite}"' for suite in suites)
    return text.replace(strict, "") + (
        f"\npackage.targets.removeAll {{ $0.type == .test && ![{names}].contains($0.name) }}\n"
        'package.targets.removeAll { $0.name == "facegallery-bench" }\n'
        'package.products.removeAll { $0.name == "facegallery-bench" }\n'
    )


def copy(mutations, texts):
    """Brings the copy of the sources up to date."""
    kept = set()
    for folder, folders, files in os.walk(PROJECT):
        folders[:] = [name for name in folders if name not in (".build", ".git", "__pycache__")]
        for name in files:
            source = pathlib.Path(folder) / name
            path = source.relative_to(PROJECT)
            kept.add(path)
            if str(path) in texts or str(path) == "Package.swift":
                continue
            target = TREE / path
            write(target, source.read_bytes())
            target.chmod(source.stat().st_mode & 0o777)
    for file, text in texts.items():
        for mutation in sorted((one for one in mutations if one.file == file), key=lambda one: -one.start):
            original = text[mutation.start : mutation.end]
            text = text[: mutation.start] + mutation.chosen(original) + text[mutation.end :]
        if not re.search(r"^(\w+ )?import Files$", text, re.MULTILINE):
            text = "internal import Files\n" + text
        write(TREE / file, text)
    choice = pathlib.Path("Sources/Files/Mutant.swift")
    write(TREE / choice, CHOICE)
    write(TREE / "Package.swift", manifest())
    for folder, _, files in os.walk(TREE):
        for name in files:
            path = (pathlib.Path(folder) / name).relative_to(TREE)
            if path not in kept and path != choice:
                (TREE / path).unlink()


def end_session(leader):
    """Ends the processes of a run, each by its number: some are in groups of their own."""
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            facts = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(facts[3]) == leader:
                os.kill(int(entry.name), signal.SIGKILL)
        except (OSError, IndexError):
            continue


def lines(output):
    """The lines of a terminal, until the last process that writes to it has ended."""
    with os.fdopen(output, errors="replace") as text:
        try:
            yield from text
        except OSError:
            return


def run_tests(tests, number, flags, limit=None):
    """Runs some tests with a mistake. Returns who noticed it, None where nobody did, and the seconds that took."""
    shutil.rmtree(TEMPORARY, ignore_errors=True)
    TEMPORARY.mkdir(parents=True)
    environment = os.environ | {VARIABLE: str(number), "TMPDIR": str(TEMPORARY), "NO_COLOR": "1"}
    command = ["swift", "test", "--package-path", TREE, "--scratch-path", BUILD, "--skip-build"]
    command += ["--disable-xctest", *flags, "--filter", "^" + re.escape(tests)]
    begun = time.monotonic()
    # A terminal, as lines come late through a pipe.
    output, terminal = pty.openpty()
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
        start_new_session=True)
    os.close(terminal)
    is_late = threading.Event()

    def stop():
        is_late.set()
        end_session(process.pid)

    timer = threading.Timer(limit, stop) if limit else None
    if timer:
        timer.start()
    noticed, running, passed = None, [], 0
    for line in lines(output):
        issue = re.search(r"Test (?:case passing .* to )?(.+?) recorded an issue", line)
        if issue:
            noticed = f"{tests} {issue[1]}"
            end_session(process.pid)
            break
        started = re.search(r"◇ Test (\".*\"|\S+\(.*\)) started", line)
        if started:
            running.append(started[1])
        ended = re.search(r"✔ Test (\".*\"|\S+\(.*\)) (?:with .* )?passed", line)
        if ended:
            passed += 1
            if ended[1] in running:
                running.remove(ended[1])
    code = process.wait()
    if timer:
        timer.cancel()
    shutil.rmtree(TEMPORARY, ignore_errors=True)
    seconds = time.monotonic() - begun
    if noticed is None and is_late.is_set():
        noticed = f"{tests} not done after {seconds:.0f} s, in {' or '.join(running[:3]) or 'no test'}"
    elif noticed is None and code != 0:
        noticed = f"{tests} ended with {code}, in {' or '.join(running[:3]) or 'no test'}"
    elif noticed is None and passed == 0:
        noticed = f"{tests} no test ran"
    return noticed, seconds


def numbers(text):
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only look whether the list fits the code")
    parser.add_argument("--only", help="numbers of mistakes")
    parser.add_argument("--quick", action="store_true", help="only run the tests that are named with the mistakes")
    parser.add_argument("--without-commands", action="store_true", help="leave CommandTests out")
    parser.add_argument("flags", nargs="*", help="flags of swift build, after --")
    options = parser.parse_args()
    mutations = read_list()
    texts = check(mutations)
    if options.check:
        print(f"{len(mutations)} mistakes, each with its place in the code")
        return 0
    chosen = set(numbers(options.only)) if options.only else {one.number for one in mutations}
    tried = [one for one in mutations if one.number in chosen]
    copy(mutations, texts)
    build = ["swift", "build", "--package-path", TREE, "--scratch-path", BUILD, "--build-tests"]
    if subprocess.run([*build, *options.flags]).returncode != 0:
        sys.exit("the mistakes cannot be built; what they become must be code of the same type")
    limits = {}

    def limit(tests):
        """Three times what they take without a mistake."""
        if tests not in limits:
            noticed, seconds = run_tests(tests, 0, options.flags)
            print(f"{tests} without a mistake: {seconds:.0f} s", flush=True)
            if noticed:
                sys.exit(f"the tests fail without a mistake: {noticed}")
            limits[tests] = max(60, 3 * seconds)
        return limits[tests]

    survivors = []
    for mutation in tried:
        noticed, seconds = None, 0
        for tests in mutation.filters(options):
            noticed, took = run_tests(tests, mutation.number, options.flags, limit(tests))
            seconds += took
            if noticed:
                break
        if not noticed:
            survivors.append(mutation)
        result = noticed or ("survived, as it may: " + mutation.excuse if mutation.excuse else "SURVIVED")
        print(f"{mutation.number:3} {mutation.file}\n    {mutation.change}\n    {mutation.meaning}")
        print(f"    {result} ({seconds:.0f} s)", flush=True)
    unexcused = [one for one in survivors if not one.excuse]
    print(
        f"{len(tried)} mistakes: {len(tried) - len(survivors)} noticed, {len(survivors) - len(unexcused)} survived "
        f"as they may, {len(unexcused)} SURVIVED" + "".join(f"\n    {one.number} {one.file}" for one in unexcused))
    return 1 if unexcused else 0


if __name__ == "__main__":
    sys.exit(main())
