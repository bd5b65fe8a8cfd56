"""Frameworks that report their use to their makers do not in tests."""

import os

# read when haystack is imported; it would also write a file into the home folder
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
