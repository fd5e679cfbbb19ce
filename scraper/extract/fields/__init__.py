"""One module a field (or family of fields): normalise the candidates, choose one, say why."""
