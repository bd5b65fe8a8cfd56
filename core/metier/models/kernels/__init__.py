"""The arithmetic of the models on packed sequences: attention, products, forwards, prefixes."""
