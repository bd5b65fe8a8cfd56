"""How groups of `code/map` agree with the files and folders of trees.

`python -m benchmarks.code_map FOLDER ...` prints for each tree its definitions, groups and
outliers, and the adjusted mutual information of the groups with the files and outermost folders.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sklearn.metrics import adjusted_mutual_info_score

from metier import Runtime


def main(folders: list[str]) -> None:
    """Map each folder and print one row for it."""
    rt = Runtime(model="embedded", dtype="float32", progress=False)
    print("tree definitions groups outliers files folders")
    for folder in folders:
        result = rt.run("code/map", folder)
        rows = [row for row in result.rows() if row["group"] >= 0]
        groups = [row["group"] for row in rows]
        files = [row["path"] for row in rows]
        outermost = [path.partition("/")[0] for path in files]
        agreement = [adjusted_mutual_info_score(names, groups) for names in (files, outermost)]
        counts = (len(result.definitions), len(result.groups), len(result.definitions) - len(rows))
        print(Path(folder).name, *counts, *(f"{value:.2f}" for value in agreement))


if __name__ == "__main__":
    main(sys.argv[1:])
