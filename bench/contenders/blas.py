"""The single-precision matrix product of numpy's BLAS: a contender of bench/contender.ts.

    OPENBLAS_NUM_THREADS=2 python bench/contenders/blas.py --rows 16384 --depth 512 --columns 512
"""
import argparse
import json
import resource
import sys
import time

import numpy as np


def blas_version():
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"numpy {np.__version__}, {blas['name']} {blas['version']}"


def main():
    parser = argparse.ArgumentParser()
    for size in ("rows", "depth", "columns"):
        parser.add_argument(f"--{size}", type=int, required=True)
    given = parser.parse_args()
    random = np.random.default_rng(1)
    a = random.standard_normal((given.rows, given.depth), np.float32)
    b = random.standard_normal((given.depth, given.columns), np.float32)
    product = np.empty((given.rows, given.columns), np.float32)
    print(json.dumps({"version": blas_version()}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        np.matmul(a, b, out=product)
        milliseconds = 1000 * (time.perf_counter() - start)
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"milliseconds": milliseconds, "peakBytes": peak}), flush=True)


if __name__ == "__main__":
    main()
