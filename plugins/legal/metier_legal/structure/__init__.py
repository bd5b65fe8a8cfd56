"""The structure of contracts: headings, numbers, and the clauses that they divide a text into."""
