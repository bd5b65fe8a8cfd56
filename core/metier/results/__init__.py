"""Results: typed data with tables, figures and a run record, and pages and files of them."""
