#!/usr/bin/env python3
"""Photos of a folder to templates with OpenCV and onnxruntime, the usual way: read, YuNet, five points, SFace.

OpenCV reads and warps, onnxruntime runs both networks. A photo counts if it shows exactly one face, as in
`facegallery enroll`. Prints a line of JSON; the templates go to --out.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

# Where margin-softmax networks have eyes, nose and corners of the mouth.
PLACES = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
models: dict[str, object] = {}


def session(path: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def load(yunet: str, sface: str, side: int) -> None:
    cv2.setNumThreads(1)
    models["yunet"], models["sface"], models["side"] = session(yunet), session(sface), side
    models["cells"] = {}


def cells(stride: int, width: int, height: int) -> np.ndarray:
    key = (stride, width, height)
    if key not in models["cells"]:
        columns, rows = width // stride, height // stride
        places = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1)
        models["cells"][key] = places.reshape(-1, 2).astype(np.float32)
    return models["cells"][key]


def faces(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes with scores, and points, of the faces in a photo."""
    scale = models["side"] / max(photo.shape[:2]) if models["side"] else 1.0
    seen = photo if scale == 1 else cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    height, width = (-(-size // 32) * 32 for size in seen.shape[:2])
    seen = cv2.copyMakeBorder(seen, 0, height - seen.shape[0], 0, width - seen.shape[1], cv2.BORDER_CONSTANT)
    data = np.ascontiguousarray(seen.transpose(2, 0, 1)[None], np.float32)
    network = models["yunet"]
    names = [output.name for output in network.get_outputs()]
    outputs = dict(zip(names, network.run(names, {network.get_inputs()[0].name: data})))
    boxes, points, scores = [], [], []
    for stride in (8, 16, 32):
        score = np.sqrt(
            np.clip(outputs[f"cls_{stride}"].reshape(-1), 0, 1) * np.clip(outputs[f"obj_{stride}"].reshape(-1), 0, 1)
        )
        at = np.flatnonzero(score >= 0.9)
        corner = cells(stride, width, height)[at]
        box = outputs[f"bbox_{stride}"].reshape(-1, 4)[at]
        size = np.exp(box[:, 2:]) * stride
        boxes.append(np.concatenate([(box[:, :2] + corner) * stride - size / 2, size], 1))
        points.append((outputs[f"kps_{stride}"].reshape(-1, 5, 2)[at] + corner[:, None]) * stride)
        scores.append(score[at])
    boxes, points, scores = (np.concatenate(part) for part in (boxes, points, scores))
    kept = np.asarray(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), 0.9, 0.3), int).reshape(-1)
    return boxes[kept] / scale, points[kept] / scale


def similarity(points: np.ndarray) -> np.ndarray:
    """The least-squares turn, scaling and shift that brings five points to their places (Umeyama, 1991)."""
    mean, target = points.mean(0), PLACES.mean(0)
    p, t = points - mean, PLACES - target
    spread = (p * p).sum()
    a, b = (p * t).sum() / spread, (p[:, 0] * t[:, 1] - p[:, 1] * t[:, 0]).sum() / spread
    turn = np.array([[a, -b], [b, a]], np.float32)
    return np.hstack([turn, (target - turn @ mean)[:, None]])


def template(path: str) -> np.ndarray | None:
    photo = cv2.imread(path, cv2.IMREAD_COLOR)
    boxes, points = faces(photo)
    if len(boxes) != 1:
        return None
    chip = cv2.warpAffine(photo, similarity(points[0]), (112, 112), flags=cv2.INTER_LINEAR)
    data = np.ascontiguousarray(chip[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
    network = models["sface"]
    row = network.run(None, {network.get_inputs()[0].name: data})[0][0]
    return row / np.linalg.norm(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", help="a folder with a folder a person")
    parser.add_argument("--yunet", required=True, help="YuNet, as prepare.py writes it")
    parser.add_argument("--sface", required=True, help="SFace, as prepare.py writes it")
    parser.add_argument("--side", type=int, default=0, help="pixels YuNet sees of the longer side; 0: the photo's own")
    parser.add_argument("--processes", type=int, default=1, help="1 is a plain loop")
    parser.add_argument("--out", help="where templates and paths go (.npz)")
    options = parser.parse_args()
    start = time.perf_counter()
    paths = sorted(str(path) for path in Path(options.photos).glob("*/*.jpg"))
    arguments = (options.yunet, options.sface, options.side)
    found: list[np.ndarray | None] = []
    if options.processes == 1:
        load(*arguments)
        found = [template(path) for path in paths]
    else:
        with multiprocessing.Pool(options.processes, load, arguments) as pool:
            found = list(pool.imap(template, paths, chunksize=16))
    seconds = time.perf_counter() - start
    kept = [(path, row) for path, row in zip(paths, found) if row is not None]
    if options.out:
        np.savez(options.out, paths=[path for path, _ in kept], templates=np.stack([row for _, row in kept]))
    json.dump(
        {
            "version": f"OpenCV {cv2.__version__}, onnxruntime {onnxruntime.__version__}", "photos": len(paths),
            "enrolled": len(kept), "loop_seconds": round(seconds, 2),
        },
        sys.stdout,
    )
    print()


if __name__ == "__main__":
    main()
