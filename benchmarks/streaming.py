"""Embed a stream of made-up texts and print what memory that took: run by the memory case."""

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
    asked = parser.parse_args()
    import torch

    torch.set_num_threads(asked.threads)
    rt = runtime(asked.model, dtype=asked.dtype, device=asked.device)
    loaded = peak_bytes()
    rows = sum(len(block) for block in rt.stream_documents(stream(asked.count, words=WORDS)))
    print(json.dumps({"loaded": loaded, "peak": peak_bytes(), "rows": rows}))


def peak_bytes() -> int:
    """The most memory this process has had resident so far."""
    # ru_maxrss of Linux starts at what the parent had when it made this process; VmHWM does not.
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main()
