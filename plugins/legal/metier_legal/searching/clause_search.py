"""Search for clauses: the best of all contracts, and the best of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from metier import Hit, SearchOptions, Texts
from metier.plugin import (
    BatchResult,
    DocumentMatch,
    Match,
    NearHits,
    NearRule,
    ResultDocument,
    Runtime,
    near_cosine,
    search_index,
)
from metier_legal.searching.clause_index import ClauseIndex
from metier_legal.searching.clause_search_result import (
    ClauseHit,
    ClauseSearchResult,
    ContractHits,
    clause_hit,
)
from metier_legal.searching.filters import ClauseFilter
from metier_legal.searching.query_forms import DEVIATIONS, QueryForm
from metier_legal.structure.cited import cited_contract

_PARTS = ("clause_position",)
"""Fields that tell the clauses of a contract apart."""

_UNMET = "No clause meets all conditions (kind, contract and heading)."


@dataclass(frozen=True)
class ClauseSearch:
    """A search that is set up, for one query or several.

    Attributes:
        rt: whose engine embeds the queries.
        opened: the index of the contracts.
        chosen: which of their clauses are searched.
        options: of the search; a contract is one hit.
        form: of the queries.
    """

    rt: Runtime
    opened: ClauseIndex
    chosen: ClauseFilter
    options: SearchOptions
    form: QueryForm

    @property
    def threshold(self) -> float:
        """The least cosine of what is near."""
        dim = self.opened.index.manifest.provenance.dim
        deviations = DEVIATIONS[self.form]
        return round(near_cosine(self.rt, self.options.instruction, dim, deviations=deviations), 4)

    def run(self, query: str) -> ClauseSearchResult:
        """The best clauses for a query, and the best of each contract."""
        index = self.opened.index.with_engine(self.rt.engine)
        threshold = self.threshold
        (clauses,) = index.search_near(
            [query], NearRule(threshold, None, 0), replace(self.options, parts=_PARTS)
        ).queries
        hits = tuple(
            self._clause_hit(hit, hit.rank, is_near=is_near)
            for hit, is_near in zip(clauses.hits, clauses.near, strict=True)
        )
        contracts: tuple[ContractHits, ...] = ()
        if self._has_contracts:
            names = {contract.id: contract.id for contract in self.chosen.contracts}
            best = index.search_near(
                [query],
                NearRule(threshold, names, len(names)),
                replace(self.options, top_k=len(names)),
            )
            matches = dict(zip(best.documents, best.queries[0].matches, strict=True))
            contracts = self._contracts(hits, best.queries[0], matches)
        return ClauseSearchResult(
            query=query,
            query_form=self.form,
            searched=self.chosen.count,
            threshold=threshold,
            hits=hits,
            contracts=contracts,
            cited_documents=self._cited({hit.contract for hit in hits}),
            remarks=self._remarks,
        )

    def run_many(self, queries: Texts) -> BatchResult:
        """The best clauses for each of several queries, and the queries against the contracts."""
        index = self.opened.index.with_engine(self.rt.engine)
        batch = search_index(
            self.rt,
            index,
            queries,
            replace(self.options, parts=_PARTS),
            noun="clauses",
            documents={contract.id: contract.id for contract in self.chosen.contracts},
            threshold=self.threshold,
        )
        shown = [
            query.model_copy(
                update={
                    "hits": tuple(map(self._hit, query.hits)),
                    "matches": tuple(match and self._match(match) for match in query.matches),
                }
            )
            for query in batch.queries
        ]
        changes = {
            "queries": tuple(shown),
            "searched": self.chosen.count,
            "remarks": self._remarks,
        }
        return batch.model_copy(update=changes)

    @property
    def _has_contracts(self) -> bool:
        """Whether there are several contracts, and not single clauses only."""
        contracts = self.chosen.contracts
        return len(contracts) > 1 and any(len(contract.clauses) > 1 for contract in contracts)

    def _cited(self, ids: set[str]) -> tuple[ResultDocument, ...]:
        """The contracts that a page shows beside the clauses; none of single clauses."""
        contracts = [contract for contract in self.chosen.contracts if contract.id in ids]
        return tuple(
            cited_contract(contract, self.opened.documents[contract.id])
            for contract in contracts
            if len(contract.clauses) > 1
        )

    @property
    def _remarks(self) -> tuple[str, ...]:
        return () if self.chosen.count else (_UNMET,)

    def _contracts(
        self,
        clauses: Sequence[ClauseHit],
        best: NearHits,
        matches: Mapping[str, DocumentMatch | None],
    ) -> tuple[ContractHits, ...]:
        """What each contract has, in the order of its first near clause in the list of clauses.

        Contracts whose near clauses are not in that list follow as the search ranks them, and those
        with nothing near are last.
        """
        first = {clause.contract: clause for clause in reversed(clauses) if clause.is_near}
        pairs = zip(best.hits, best.near, strict=True)
        hits = {hit.document_id: hit for hit, is_near in pairs if is_near}
        ranks = {hit.document_id: hit.rank for hit in best.hits}
        contracts = []
        for contract in self.chosen.contracts:
            match, hit = matches.get(contract.id), hits.get(contract.id)
            if hit is None and match is not None:
                hit = _hit_of_match(match)
            nearest = first.get(contract.id)
            if nearest is None and hit is not None:
                nearest = self._clause_hit(hit, 1, is_near=True)
            contracts.append(
                ContractHits(
                    contract=contract.id,
                    title=contract.title,
                    best=nearest,
                    more=0 if match is None else match.count - 1,
                )
            )
        contracts.sort(
            key=lambda hits: (
                hits.best is None,
                first[hits.contract].rank if hits.contract in first else len(clauses) + 1,
                ranks.get(hits.contract, len(ranks) + 1),
            )
        )
        return tuple(contracts)

    def _clause_hit(self, hit: Hit, rank: int, *, is_near: bool) -> ClauseHit:
        clause = self.opened.clause_of(hit.document_id, hit.start, hit.end)
        own = self.opened.documents[hit.document_id].fields
        return clause_hit(hit, clause, is_near=is_near, rank=rank, own=own)

    def _hit(self, hit: Hit) -> Hit:
        """A hit as that of the whole clause."""
        whole = self._clause_hit(hit, hit.rank, is_near=False)
        fields: dict[str, Any] = {
            "source": whole.contract,
            "start": whole.start,
            "end": whole.end,
            "page": whole.page,
            **whole.fields,
            "clause_kind": whole.kind,
            "clause_number": whole.number,
        }
        return replace(
            hit,
            id=whole.id,
            score=whole.score,
            scores=whole.scores,
            location=whole.location,
            start=whole.start,
            end=whole.end,
            text=whole.text,
            fields=fields,
        )

    def _match(self, match: Match) -> Match:
        """The best of a contract as the whole clause."""
        start = self.opened.contracts[match.id].text.find(match.text)
        clause = self.opened.clause_of(match.id, start, start + len(match.text))
        location = f"{match.id}, {clause.label}" if clause.label else match.id
        id = f"{match.id}:{clause.start}-{clause.end}"
        return match.model_copy(update={"id": id, "location": location, "text": clause.text})


def _hit_of_match(match: DocumentMatch) -> Hit:
    """The nearest chunk of a contract, which the search itself did not look at, as a hit."""
    chunk = match.chunk
    return Hit(
        rank=0,
        score=match.cosine,
        id=chunk.id,
        document_id=chunk.document_id,
        source="",
        location=chunk.location,
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        scores={"dense": match.cosine},
    )
