"""Out of the archive and into it, in the formats other programs read."""
