"""Beyond one seed and one setting: replicates of a run, and sweeps over an experiment's parameters."""
