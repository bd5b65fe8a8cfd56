"""The reference, made from the code: `python -m docs.generate` writes `docs/reference/`."""
