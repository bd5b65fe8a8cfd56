"""What is taken where nobody says otherwise. Imports nothing: the command line says it in helps."""

PRECISION = 0.8
"""At which recall is given, of flags."""

SEED = 0
"""Of folds and resamples."""

FOLDS = 5
"""Parts of texts whose labels are held out in turn."""

RESAMPLES = 1000
"""Of a bootstrap."""

WITHIN = 0.01
"""What a recommendation may lose against the best row to be smaller or faster."""
