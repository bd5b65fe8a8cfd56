"""The structure of contracts: headings, numbers, and the clauses that they divide a text into."""

from metier_legal.structure.contract import Clause, Contract, read_contract

__all__ = ["Clause", "Contract", "read_contract"]
