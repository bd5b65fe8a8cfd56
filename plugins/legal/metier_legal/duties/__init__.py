"""Duties of contracts: who must, must not or may do what, by when and on what condition."""
