"""Hubs that models are downloaded from: the Hugging Face hub and ModelScope."""
