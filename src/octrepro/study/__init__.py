"""What belongs to the source report and to nothing else: its questions, runs, numbers and names.

Nothing here is computed from a build, and nothing that computes numbers imports it.
"""
