"""Computation of the models on packed sequences: attention, linear layers, forward passes."""
