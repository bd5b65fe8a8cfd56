"""The structure of contracts: headings, numbers, and the clauses that they divide a text into."""

from metier_legal.structure.cited import cited_contract
from metier_legal.structure.contract import Clause, Contract, read_contract

__all__ = ["Clause", "Contract", "cited_contract", "read_contract"]
