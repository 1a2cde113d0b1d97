"""Independent pieces of work in this process, in several of this machine, or on a Dask cluster.

`settings` reads from the environment where it is to be (never from params.yaml), `run` does it.
"""
