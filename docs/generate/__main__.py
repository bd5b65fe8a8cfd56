"""Write the reference: `python -m docs.generate`."""

from __future__ import annotations

from docs.generate.reference import FOLDER, reference

FOLDER.mkdir(exist_ok=True)
for name, page in reference().items():
    (FOLDER / name).write_text(page.markdown(), encoding="utf-8")
