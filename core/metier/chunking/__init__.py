"""Documents to chunks a model reads whole, each with its exact place. No models: only counts."""
