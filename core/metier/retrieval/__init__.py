"""Finding: the nearest of many vectors, exactly."""
