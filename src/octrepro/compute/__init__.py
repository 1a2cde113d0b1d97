"""Independent pieces of work in this process, in several of this machine, or on a Dask cluster.

Environment variables say where (never params.yaml); docs/cluster.md tells of them.
"""
