"""A plugin whose workflow embeds, and one that goes on embedding until it is stopped."""

from __future__ import annotations

MANIFEST = """\
schema: 1
domain: embedding
title: A trade that embeds
workflows:
  - id: embed
    call: fake_embedding.workflows:embed
    summary: Embed texts
    demo: {texts: samples/toys.csv}
"""

WORKFLOWS = '''\
import itertools
import os
from typing import Annotated

from pydantic import Field

from metier.texts.texts import Texts
from metier.workflows.contract import workflow
from metier.results.result import Result


class Embedded(Result):
    vectors: list[list[float]]

    def headline(self):
        return f"{len(self.vectors)} texts embedded"

    def tables(self):
        return []

    def rows(self):
        return [{"first": vector[0]} for vector in self.vectors]


@workflow("embedding/embed")
def embed(
    rt,
    texts: Annotated[Texts, Field(description="What to embed")],
    *,
    forever: Annotated[bool, Field(description="Go on until stopped")] = False,
) -> Embedded:
    """Embed."""
    vectors = rt.embed_documents(texts.strings)
    if forever:
        os.write(1, b"begun\\n")  # at once: an interrupted flush writes again at the end
        for number in itertools.count():
            rt.embed_documents([f"{text} {number}" for text in texts.strings])
    return Embedded(vectors=vectors.tolist())
'''
