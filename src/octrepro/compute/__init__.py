"""Many independent tasks side by side, on this machine or on a cluster, with the same bytes as a result.

`settings` says where (never params.yaml), `run` does it. A task is a function's name, its arguments as JSON
and a folder of data; its result is bytes, kept under the digest of all that went in.
"""
