#!/usr/bin/env python3
"""Photos of a folder to templates with dlib's own Python module, the way its examples do: load, detect, five points,
network. A photo counts if it shows exactly one face, as in `facegallery enroll`. Prints a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from pathlib import Path

import dlib
import numpy as np

models: dict[str, object] = {}


def load(shape: str, network: str) -> None:
    models["detector"] = dlib.get_frontal_face_detector()
    models["points"] = dlib.shape_predictor(shape)
    models["network"] = dlib.face_recognition_model_v1(network)


def template(path: str) -> np.ndarray | None:
    photo = dlib.load_rgb_image(path)
    faces = models["detector"](photo)
    if len(faces) != 1:
        return None
    points = models["points"](photo, faces[0])
    return np.asarray(models["network"].compute_face_descriptor(photo, points), dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", help="a folder with a folder a person")
    parser.add_argument("--shape", required=True, help="shape_predictor_5_face_landmarks.dat")
    parser.add_argument("--network", required=True, help="dlib_face_recognition_resnet_model_v1.dat")
    parser.add_argument("--processes", type=int, default=1, help="1 is a plain loop")
    options = parser.parse_args()
    start = time.perf_counter()
    paths = sorted(str(path) for path in Path(options.photos).glob("*/*.jpg"))
    gallery: list[tuple[str, np.ndarray]] = []

    def take(path: str, found: np.ndarray | None) -> None:
        if found is not None:
            gallery.append((Path(path).parent.name, found))

    if options.processes == 1:
        load(options.shape, options.network)
        for path in paths:
            take(path, template(path))
    else:
        with multiprocessing.Pool(options.processes, load, (options.shape, options.network)) as pool:
            for path, found in zip(paths, pool.imap(template, paths, chunksize=16)):
                take(path, found)
    seconds = time.perf_counter() - start
    json.dump(
        {
            "version": dlib.__version__, "blas": bool(dlib.DLIB_USE_BLAS), "photos": len(paths),
            "enrolled": len(gallery), "loop_seconds": round(seconds, 2),
        },
        sys.stdout,
    )
    print()


if __name__ == "__main__":
    main()
