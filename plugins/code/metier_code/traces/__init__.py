"""Stack traces in reports, and the functions of a source tree that they lead to."""
