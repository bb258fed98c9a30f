"""Error rates by definition, with numpy: what the module Evaluation is held against.

Reads JSON on standard input: pairs [similarity or null, mated, fold] and searches [top or null, mated, rank or null,
person]. Prints JSON. Nothing is sorted to find a rate: each is counted at each threshold.
"""
import json
import sys

import numpy as np

data = json.load(sys.stdin)
result = {}


def number(values):
    return np.array([-np.inf if value is None else np.float32(value) for value in values], dtype=np.float32)


# Pairs.
score = number([pair[0] for pair in data["pairs"]])
same = np.array([pair[1] for pair in data["pairs"]])
fold = np.array([pair[2] for pair in data["pairs"]])


def correct(selected, threshold):
    """A pair without a similarity is wrong, whatever is said of it."""
    return ((score >= threshold) == same) & np.isfinite(score) & selected


accuracies = []
for held in np.unique(fold):
    train = fold != held
    known = np.unique(score[train & np.isfinite(score)])
    middles = (known[:-1] + known[1:]) / np.float32(2)
    candidates = np.concatenate([[-np.inf], middles, [np.nextafter(known[-1], np.float32(2))]]).astype(np.float32)
    best = max(candidates, key=lambda threshold: (correct(train, threshold).sum(), -threshold))
    accuracies.append(correct(fold == held, best).sum() / (fold == held).sum())
result["accuracy"] = float(np.mean(accuracies))
result["standardError"] = float(np.std(accuracies, ddof=1) / np.sqrt(len(accuracies)))


def least_threshold(scores, rate):
    """The least of all float32 above, or at, a score at which at most that share reaches it."""
    options = np.concatenate([np.nextafter(scores[np.isfinite(scores)], np.float32(2)), scores, [np.float32(-1)]])
    for option in np.sort(options[np.isfinite(options)]):
        if (scores >= option).sum() <= rate * len(scores) + 1e-9:
            return option


result["tmr"] = []
for rate in data["falseMatchRates"]:
    threshold = least_threshold(score[~same], rate)
    result["tmr"].append([float(threshold), float((score[same] >= threshold).mean())])

thresholds = np.sort(np.unique(score[np.isfinite(score)]))[::-1]
miss = np.array([1.0] + [(score[same] < t).mean() for t in thresholds])
false = np.array([0.0] + [(score[~same] >= t).mean() for t in thresholds])
crossing = int(np.argmax(false >= miss))
before, after = (miss - false)[crossing - 1], (false - miss)[crossing]
result["eer"] = float(false[crossing - 1] + before / (before + after) * (false[crossing] - false[crossing - 1]))

# Searches.
top = number([search[0] for search in data["searches"]])
mated = np.array([search[1] for search in data["searches"]])
rank = np.array([0 if search[2] is None else search[2] for search in data["searches"]])
person = np.array([search[3] for search in data["searches"]])
result["cmc"] = [float(((rank[mated] >= 1) & (rank[mated] <= r)).mean()) for r in data["ranks"]]


def fnir(selected, threshold):
    own = mated & selected
    return float(1 - ((rank[own] == 1) & (top[own] >= threshold)).mean())


everything = np.ones(len(top), dtype=bool)
result["points"] = []
for rate in data["falsePositiveRates"]:
    threshold = least_threshold(top[~mated], rate)
    result["points"].append(
        [float(threshold), float((top[~mated] >= threshold).mean()), fnir(everything, threshold)])

# Intervals over people.
random = np.random.default_rng(7)


def drawn(kind):
    people = np.unique(person[kind])
    rows = {one: np.flatnonzero(kind & (person == one)) for one in people}
    return np.concatenate([rows[one] for one in random.choice(people, len(people))])


draws = []
for _ in range(400):
    strangers, enrolled = drawn(~mated), drawn(mated)
    row = []
    for rate in data["falsePositiveRates"]:
        allowed = int(np.floor(rate * len(strangers) + 1e-9))
        descending = np.sort(top[strangers])[::-1]
        threshold = np.nextafter(descending[allowed], np.float32(2)) if allowed < len(descending) else -1
        row.append(1 - ((rank[enrolled] == 1) & (top[enrolled] >= threshold)).mean())
    draws.append(row)
result["intervals"] = np.quantile(draws, [0.025, 0.975], axis=0).T.tolist()
json.dump(result, sys.stdout)
