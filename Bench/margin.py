#!/usr/bin/env python3
"""What a margin between the first and the second subject costs, and what wrong names it saves.

    Bench/margin.py FOLDER...      each with lfw-dev.npy and lfw-dev.txt: the templates of photos, and their paths

Half of the people are enrolled with their first photo, all other photos are searched, ten times with other people. The
threshold is the one at which 1 % of the searches for strangers name somebody without a margin. Besides the margins of a
fixed size, the default is measured: a tenth of the distance between the threshold and 1, at most 0.05.
"""

import sys

import numpy

DRAWS = 10
FPIR = 0.01
MARGINS = [0.0, 0.01, 0.02, 0.05, 0.08, "default"]


def draw(templates, people, random):
    """The two best similarities of each search, whether its first candidate is right, and whether it is mated."""
    enrolled = random.permutation(people.max() + 1)[: (people.max() + 1) // 2]
    first = {}
    for row, person in enumerate(people):
        first.setdefault(person, row)
    references = numpy.array([first[person] for person in sorted(enrolled)])
    probes = numpy.setdiff1d(numpy.arange(len(people)), references)
    similarities = templates[probes] @ templates[references].T
    order = numpy.argsort(-similarities, axis=1)[:, :2]
    best = numpy.take_along_axis(similarities, order, axis=1)
    isRight = people[references][order[:, 0]] == people[probes]
    return best, isRight, numpy.isin(people[probes], enrolled)


def main():
    for folder in sys.argv[1:] or sys.exit(__doc__):
        templates = numpy.load(folder + "/lfw-dev.npy")
        names = [line.split("/")[0] for line in open(folder + "/lfw-dev.txt")]
        people = numpy.unique(names, return_inverse=True)[1]
        random = numpy.random.default_rng(1)
        rows = {margin: [] for margin in MARGINS}
        for _ in range(DRAWS):
            best, isRight, isMated = draw(templates, people, random)
            threshold = numpy.sort(best[~isMated, 0])[::-1][int(FPIR * (~isMated).sum())]
            isOver = best[:, 0] >= threshold
            for margin in MARGINS:
                size = min(0.05, (1 - threshold) / 10) if margin == "default" else margin
                isNamed = isOver & (best[:, 0] - best[:, 1] >= size)
                rows[margin].append(
                    (
                        1 - (isNamed & isRight)[isMated].mean(),
                        isNamed[~isMated].mean(),
                        (isNamed & ~isRight)[isMated].sum(),
                        (isOver & ~isNamed & isRight)[isMated].mean(),
                        isMated.sum(),
                    )
                )
        print(folder)
        for margin in MARGINS:
            miss, strangers, wrong, lost, searches = numpy.mean(rows[margin], axis=0)
            print(
                f"  margin {margin!s:>7}: FNIR {100 * miss:5.2f} %, FPIR {100 * strangers:4.2f} %, "
                f"wrong names {wrong:4.1f} of {searches:.0f}, right but ambiguous {100 * lost:4.2f} %"
            )


if __name__ == "__main__":
    main()
