"""Side-by-side measurements against what people use today. Never part of the test suite."""
