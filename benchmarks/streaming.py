"""Embed a stream of random texts and print the memory it takes; run by the memory case."""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path

from benchmarks.contestants import runtime
from benchmarks.texts import stream

WORDS = 7  # and the end token


def main() -> None:
    """Load, note memory, embed, note memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("count", type=int)
    parser.add_argument("--dtype", required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    import torch

    torch.set_num_threads(arguments.threads)
    rt = runtime(arguments.model, dtype=arguments.dtype, device=arguments.device)
    loaded = peak_bytes()
    rows = sum(len(block) for block in rt.stream_documents(stream(arguments.count, words=WORDS)))
    print(json.dumps({"loaded": loaded, "peak": peak_bytes(), "rows": rows}))


def peak_bytes() -> int:
    """Return the peak resident memory of this process in bytes."""
    # On Linux ru_maxrss starts with the value of the parent process; VmHWM does not.
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main()
