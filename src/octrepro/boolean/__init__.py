"""Question 3: which networks compute f, how robustly, and where one perceptron is enough.

`verification.verify` gives the verdict on a construction, `separability.table` the answer for single
perceptrons. NumPy is imported by the modules that compute, not here.
"""
