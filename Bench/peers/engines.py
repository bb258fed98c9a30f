"""The peers: how each is built, which of its parameters are swept, and how it is searched."""

from __future__ import annotations

import importlib
import importlib.metadata
import math
import tempfile
from itertools import product
from typing import Any

import numpy as np

Point = dict[str, int]

# Shares of lists that are read, fine where the answers of face embeddings change.
SHARES = (0.004, 0.008, 0.012, 0.016, 0.023, 0.03, 0.045, 0.06, 0.09, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 1.0)
# Candidates of a search through a graph.
WINDOWS = (10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 896, 1280, 1792, 2560)


class Engine:
    """One way to build an index of a peer, over unit vectors by inner product."""

    package = ""
    module = ""
    family = ""
    variant = ""

    def load(self) -> None:
        """Imports the peer, so that its own code is not taken for the index."""
        importlib.import_module(self.module)

    def build(self, base: np.ndarray, threads: int) -> None:
        raise NotImplementedError

    def set_threads(self, threads: int) -> None:
        """Limits what a search may use."""

    def points(self, k: int) -> list[Point]:
        """Settings of a search, cheap ones first in every parameter."""
        raise NotImplementedError

    def search(self, probes: np.ndarray, k: int, point: Point) -> np.ndarray:
        """Row numbers, probes x k."""
        raise NotImplementedError

    @property
    def version(self) -> str:
        return importlib.metadata.version(self.package)


def lists_for(rows: int) -> int:
    """The power of two that is nearest to the square root of the rows."""
    return 2 ** max(1, round(math.log2(math.sqrt(rows))))


def shares_of(lists: int) -> list[int]:
    return sorted({max(1, round(share * lists)) for share in SHARES})


class FaissLists(Engine):
    """Inverted lists with codes, re-scored from float32.

    For unit vectors Euclidean distance gives the order of the inner product, and mostly better codes: of residuals,
    where dlib's embeddings are alike, PQ finds 99.9 % under it and 97 % under the inner product.
    """

    package = "faiss-cpu"
    module = "faiss"

    def __init__(self, family: str, code: str, list_factor: float = 1.0, by_product: bool = False) -> None:
        self.family = family
        self.code = code
        self.list_factor = list_factor
        self.by_product = by_product

    def build(self, base: np.ndarray, threads: int) -> None:
        import faiss

        faiss.omp_set_num_threads(threads)
        self.lists = max(1, int(lists_for(len(base)) * self.list_factor))
        factory = f"IVF{self.lists},{self.code},RFlat"
        self.variant = factory + (", inner product" if self.by_product else ", L2")
        metric = faiss.METRIC_INNER_PRODUCT if self.by_product else faiss.METRIC_L2
        self.index = faiss.index_factory(base.shape[1], factory, metric)
        # The references themselves, by chance: FAISS would take more of them than k-means needs.
        sample = np.random.default_rng(1).permutation(len(base))[: max(100_000, 64 * self.lists)]
        self.index.train(np.ascontiguousarray(base[np.sort(sample)]))
        self.index.add(base)

    def set_threads(self, threads: int) -> None:
        import faiss

        faiss.omp_set_num_threads(threads)

    def points(self, k: int) -> list[Point]:
        factors = (1, 2, 4, 7, 12, 20, 35, 60, 100)
        return [{"nprobe": p, "k_factor": f} for p, f in product(shares_of(self.lists), factors)]

    def search(self, probes: np.ndarray, k: int, point: Point) -> np.ndarray:
        import faiss

        parameters = faiss.IndexRefineSearchParameters(
            k_factor=point["k_factor"], base_index_params=self.base_parameters(point)
        )
        return self.index.search(probes, k, params=parameters)[1]

    def base_parameters(self, point: Point) -> Any:
        import faiss

        return faiss.SearchParametersIVF(nprobe=point["nprobe"])


class FaissRaBitQ(FaissLists):
    """Inverted lists with a bit or two a dimension; a probe's numbers become four bits, the fastest choice."""

    def base_parameters(self, point: Point) -> Any:
        import faiss

        return faiss.IVFRaBitQSearchParameters(nprobe=point["nprobe"], qb=4, centered=False)


class FaissGraph(Engine):
    package = "faiss-cpu"
    module = "faiss"
    family = "faiss HNSW"
    variant = "HNSW32, efConstruction 100"

    def build(self, base: np.ndarray, threads: int) -> None:
        import faiss

        faiss.omp_set_num_threads(threads)
        self.index = faiss.IndexHNSWFlat(base.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = 100
        self.index.add(base)

    set_threads = FaissLists.set_threads

    def points(self, k: int) -> list[Point]:
        return [{"efSearch": max(k, window)} for window in WINDOWS]

    def search(self, probes: np.ndarray, k: int, point: Point) -> np.ndarray:
        import faiss

        return self.index.search(probes, k, params=faiss.SearchParametersHNSW(efSearch=point["efSearch"]))[1]


class FaissFlat(Engine):
    package = "faiss-cpu"
    module = "faiss"
    family = "faiss exact"
    variant = "Flat"

    def build(self, base: np.ndarray, threads: int) -> None:
        import faiss

        faiss.omp_set_num_threads(threads)
        self.index = faiss.IndexFlatIP(base.shape[1])
        self.index.add(base)

    set_threads = FaissLists.set_threads

    def points(self, k: int) -> list[Point]:
        return [{}]

    def search(self, probes: np.ndarray, k: int, point: Point) -> np.ndarray:
        return self.index.search(probes, k)[1]


class Scann(Engine):
    package = "scann"
    module = "scann"
    family = "ScaNN"

    def __init__(self, spilled: bool, leaf_factor: float = 1.0) -> None:
        self.spilled = spilled
        self.leaf_factor = leaf_factor
        self.threads = 1

    def build(self, base: np.ndarray, threads: int) -> None:
        from scann import scann_ops_pybind

        self.leaves = max(1, int(1.2 * math.sqrt(len(base)) * self.leaf_factor))
        self.variant = f"{self.leaves} leaves, AH 2 x 0.2, reorder" + (", SOAR" if self.spilled else "")
        tree = {"num_leaves": self.leaves, "num_leaves_to_search": max(1, self.leaves // 10)}
        if self.spilled:
            tree |= {"soar_lambda": 1.5, "overretrieve_factor": 2.0}
        self.index = (
            scann_ops_pybind.builder(base, 10, "dot_product")
            .set_n_training_threads(threads)
            .tree(training_sample_size=min(len(base), 250_000), **tree)
            .score_ah(2, anisotropic_quantization_threshold=0.2)
            .reorder(100)
            .build()
        )

    def set_threads(self, threads: int) -> None:
        self.threads = threads
        self.index.set_num_threads(threads)

    def points(self, k: int) -> list[Point]:
        kept = sorted({max(k, count) for count in (10, 20, 40, 70, 100, 150, 250, 400, 700, 1000)})
        return [{"leaves": p, "reorder": r} for p, r in product(shares_of(self.leaves), kept)]

    def search(self, probes: np.ndarray, k: int, point: Point) -> np.ndarray:
        wanted = dict(
            final_num_neighbors=k, pre_reorder_num_neighbors=point["reorder"], leaves_to_search=point["leaves"]
        )
        if len(probes) == 1:
            return self.index.search(probes[0], **wanted)[0][np.newaxis, :].astype(np.int64)
        if self.threads > 1:
            return self.index.search_batched_parallel(probes, **wanted)[0].astype(np.int64)
        return self.index.search_batched(probes, **wanted)[0].astype(np.int64)


class Hnswlib(Engine):
    package = "hnswlib"
    module = "hnswlib"
    family = "hnswlib"
    variant = "M 16, ef_construction 100"

    def build(self, base: np.ndarray, threads: int) -> None:
        import hnswlib

        self.index = hnswlib.Index(space="ip", dim=base.shape[1])
        self.index.init_index(max_elements=len(base), M=16, ef_construction=100, random_seed=1)
        self.index.add_items(base, num_threads=threads)
        self.threads = threads

    def set_threads(self, threads: int) -> None:
        self.threads = threads
        self.index.set_num_threads(threads)

    points = FaissGraph.points

    def search(self, probes: np.ndarray, k: int, point: Point) -> np.ndarray:
        self.index.set_ef(point["efSearch"])
        return self.index.knn_query(probes, k, num_threads=self.threads)[0].astype(np.int64)


class Usearch(Engine):
    package = "usearch"
    module = "usearch.index"
    family = "USearch"

    def __init__(self, numbers: str) -> None:
        self.numbers = numbers
        self.variant = f"{numbers}, connectivity 16, expansion 128"

    def build(self, base: np.ndarray, threads: int) -> None:
        from usearch.index import Index

        self.index = Index(
            ndim=base.shape[1], metric="ip", dtype=self.numbers, connectivity=16, expansion_add=128
        )
        self.index.add(np.arange(len(base)), base, threads=threads, copy=True)
        self.threads = threads

    def set_threads(self, threads: int) -> None:
        self.threads = threads

    def points(self, k: int) -> list[Point]:
        return [{"expansion": max(k, window)} for window in WINDOWS]

    def search(self, probes: np.ndarray, k: int, point: Point) -> np.ndarray:
        self.index.expansion_search = point["expansion"]
        return np.asarray(self.index.search(probes, k, threads=self.threads).keys, dtype=np.int64).reshape(-1, k)


class Svs(Engine):
    package = "scalable-vs"
    module = "svs"

    def __init__(self, family: str, bits: tuple[int, int] | None) -> None:
        self.family = family
        self.bits = bits
        self.variant = "degree 32, window 100" + ("" if bits is None else f", LVQ {bits[0]}x{bits[1]}")

    def build(self, base: np.ndarray, threads: int) -> None:
        import svs

        parameters = svs.VamanaBuildParameters(alpha=0.95, graph_max_degree=32, window_size=100)
        data: Any = base
        with tempfile.TemporaryDirectory() as folder:
            if self.bits is not None:
                path = f"{folder}/base.fvecs"
                svs.write_vecs(base, path)
                floats = svs.VectorDataLoader(path, svs.DataType.float32, dims=base.shape[1])
                data = svs.LVQLoader(floats, *self.bits, padding=32)
            self.index = svs.Vamana.build(parameters, data, svs.DistanceType.MIP, num_threads=threads)

    def set_threads(self, threads: int) -> None:
        self.index.num_threads = threads

    def points(self, k: int) -> list[Point]:
        return [{"window": max(k, window)} for window in WINDOWS]

    def search(self, probes: np.ndarray, k: int, point: Point) -> np.ndarray:
        self.index.search_window_size = point["window"]
        return self.index.search(probes, k)[0].astype(np.int64)


# What compares everything is first: what is far slower than that need not be measured.
ENGINES: dict[str, Engine] = {
    "faiss-flat": FaissFlat(),
    "faiss-pq64": FaissLists("faiss IVF-PQ fast scan", "PQ64x4fs"),
    "faiss-pq64-product": FaissLists("faiss IVF-PQ fast scan", "PQ64x4fs", by_product=True),
    "faiss-pq32": FaissLists("faiss IVF-PQ fast scan", "PQ32x4fs"),
    "faiss-pq64-lists": FaissLists("faiss IVF-PQ fast scan", "PQ64x4fs", 4),
    "faiss-rabitq": FaissRaBitQ("faiss IVF-RaBitQ", "RaBitQ"),
    "faiss-rabitq2": FaissRaBitQ("faiss IVF-RaBitQ", "RaBitQ2"),
    "faiss-rabitq-fs": FaissRaBitQ("faiss IVF-RaBitQ", "RaBitQfs"),
    "faiss-hnsw": FaissGraph(),
    "scann": Scann(spilled=False),
    "scann-soar": Scann(spilled=True),
    "scann-leaves": Scann(spilled=False, leaf_factor=3),
    "hnswlib": Hnswlib(),
    "usearch-f32": Usearch("f32"),
    "usearch-bf16": Usearch("bf16"),
    "svs": Svs("SVS Vamana", None),
    "svs-lvq": Svs("SVS Vamana LVQ", (8, 0)),
    "svs-lvq4x8": Svs("SVS Vamana LVQ", (4, 8)),
}
