"""Reading facts of source and target, and judging them anew."""
