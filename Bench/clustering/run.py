#!/usr/bin/env python3
"""Measures `facegallery-bench cluster` and its peers on the same faces, one after the other; prints JSON Lines.

    run.py --bench PROGRAM --work DIR --min-similarity S [--peers dbscan,chinese-whispers,hdbscan] [--seconds N]
           [--grid S,S,…] [--threads N] -- OPTIONS OF facegallery-bench cluster

The bench writes its set (--write) and prints its own line. Every peer then runs with every threshold of the grid and
with its other parameters, each in a process of its own, and its best F on this very set counts: the peers are tuned to
the answer, FaceGallery is not. A face that a peer calls noise stands alone. A run that takes longer than --seconds is
ended and recorded as such; a peer whose first runs all do is left at that.
"""
import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time


def b_cubed(persons, groups):
    import numpy as np
    persons = np.unique(persons, return_inverse=True)[1]
    groups = np.array(groups, dtype=np.int64)
    noise = groups < 0
    groups[noise] = groups.max(initial=0) + 1 + np.arange(noise.sum())
    groups = np.unique(groups, return_inverse=True)[1]
    both = persons.astype(np.int64) * (groups.max() + 1) + groups
    _, place, count = np.unique(both, return_inverse=True, return_counts=True)
    precision = (count[place] / np.bincount(groups)[groups]).mean()
    recall = (count[place] / np.bincount(persons)[persons]).mean()
    return precision, recall, 2 * precision * recall / (precision + recall)


def one(peer, path, parameters, threads):
    """Runs in a process of its own."""
    import warnings

    import numpy as np
    warnings.filterwarnings("ignore")
    rows = np.load(path)
    with open(path + ".persons.txt") as file:
        persons = np.array([int(line) for line in file])
    distance = math.sqrt(2 - 2 * parameters["similarity"]) if "similarity" in parameters else 0.0
    if peer == "dbscan":
        import sklearn
        from sklearn.cluster import DBSCAN
        version = "scikit-learn " + sklearn.__version__
        start = time.perf_counter()
        groups = DBSCAN(eps=distance, min_samples=parameters["min_samples"], algorithm="brute",
                        n_jobs=threads).fit_predict(rows)
    elif peer == "hdbscan":
        import hdbscan
        from importlib.metadata import version as version_of
        version = "hdbscan " + version_of("hdbscan")
        start = time.perf_counter()
        options = dict(min_cluster_size=2, min_samples=parameters["min_samples"], core_dist_n_jobs=threads,
                       cluster_selection_epsilon=distance)
        if len(rows) <= 10_000:
            # Trees do not help in 128 dimensions: all distances at once are faster where they fit into memory.
            from sklearn.metrics import pairwise_distances
            groups = hdbscan.HDBSCAN(metric="precomputed", **options).fit_predict(
                pairwise_distances(rows.astype(np.float64)))
        else:
            groups = hdbscan.HDBSCAN(**options).fit_predict(rows.astype(np.float64))
    else:
        import dlib
        version = "dlib " + dlib.__version__
        faces = [dlib.vector(row.astype(float)) for row in rows]
        start = time.perf_counter()
        groups = dlib.chinese_whispers_clustering(faces, distance)
    seconds = time.perf_counter() - start
    precision, recall, f = b_cubed(persons, groups)
    print(json.dumps({
        "version": version, "precision": precision, "recall": recall, "f": f, "seconds": round(seconds, 2),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def main():
    if sys.argv[1:2] == ["--one"]:
        return one(sys.argv[2], sys.argv[3], json.loads(sys.argv[4]), int(sys.argv[5]))
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--min-similarity", required=True)
    parser.add_argument("--grid", required=True)
    parser.add_argument("--peers", default="dbscan,chinese-whispers,hdbscan")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(words[:split])
    os.makedirs(options.work, exist_ok=True)
    path = os.path.join(options.work, "set.npy")
    own = subprocess.run(
        [options.bench, "cluster", "--write", path, "--min-similarity", options.min_similarity, "--threads",
         str(options.threads)] + words[split + 1:], check=True, stdout=subprocess.PIPE, text=True)
    print(own.stdout, end="", flush=True)
    facts = json.loads(own.stdout)
    threads = str(options.threads)
    environment = dict(os.environ, OMP_NUM_THREADS=threads, OPENBLAS_NUM_THREADS=threads)
    grid = [float(word) for word in options.grid.split(",")]
    parameters = {
        "dbscan": [{"similarity": s, "min_samples": m} for s in grid for m in (2, 3)],
        "chinese-whispers": [{"similarity": s} for s in grid],
        "hdbscan": [{"min_samples": m} for m in (1, 2)] + [
            {"similarity": s, "min_samples": 1} for s in grid[::2]],
    }
    for peer in options.peers.split(","):
        best, done, ended = None, 0, 0
        for choice in parameters[peer]:
            command = [sys.executable, __file__, "--one", peer, path, json.dumps(choice), threads]
            try:
                result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment,
                                        timeout=options.seconds)
            except subprocess.TimeoutExpired:
                ended += 1
                # Other parameters take as long.
                if done == 0:
                    break
                continue
            except subprocess.CalledProcessError as error:
                print(f"{peer} {choice} ended with {error.returncode}", file=sys.stderr)
                ended += 1
                if done == 0:
                    break
                continue
            done += 1
            line = json.loads(result.stdout)
            if best is None or line["f"] > best["f"]:
                best = dict(line, parameters=choice)
        line = {"bench": "cluster", "program": peer, "set": facts["set"], "n": facts["n"],
                "threads": options.threads, "runs": done, "ended_runs": ended, "limit_seconds": options.seconds}
        print(json.dumps(dict(line, **(best or {}))), flush=True)


if __name__ == "__main__":
    main()
