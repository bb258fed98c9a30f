"""What faiss-cpu's exact search takes to compare every template with every other: measured on a part, and scaled.

    all-pairs.py X.npy SIMILARITY [PART] [THREADS]

Searches PART rows (default 2,048) among all rows of X for everything from SIMILARITY on, as `duplicates` does, with
`IndexFlatIP.range_search` in blocks of 1,024 rows, and scales the time by rows / PART. No pair is spared by symmetry,
since faiss cannot; half of it is shown beside.
"""
import json
import sys
import time

import faiss
import numpy as np

path, similarity = sys.argv[1], float(sys.argv[2])
part = int(sys.argv[3]) if len(sys.argv) > 3 else 2048
threads = int(sys.argv[4]) if len(sys.argv) > 4 else 1
rows = np.ascontiguousarray(np.load(path), dtype=np.float32)
faiss.omp_set_num_threads(threads)
index = faiss.IndexFlatIP(rows.shape[1])
index.add(rows)
chosen = np.random.default_rng(1).choice(len(rows), min(part, len(rows)), replace=False)
index.range_search(rows[chosen[:64]], similarity)
found, start = 0, time.perf_counter()
for first in range(0, len(chosen), 1024):
    limits, _, _ = index.range_search(rows[chosen[first:first + 1024]], similarity)
    found += int(limits[-1])
seconds = time.perf_counter() - start
whole = seconds * len(rows) / len(chosen)
print(json.dumps({
    "faiss": faiss.__version__, "rows": len(rows), "dimension": rows.shape[1], "similarity": similarity,
    "part": len(chosen), "threads": threads, "seconds": round(seconds, 3), "found": found - len(chosen),
    "scaled_seconds": round(whole, 1), "half_of_it": round(whole / 2, 1)}))
