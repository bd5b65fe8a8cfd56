"""Search in contracts: forms of queries, filters, the index of clauses, and what is found."""
