"""The claims, declared: each module has those of one question of the source report."""
