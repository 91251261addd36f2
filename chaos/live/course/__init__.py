"""One run from its begin to its verdict: load, faults, healing, the end of all work, the checker. What is
done to the world it takes from the catalogue of faults, and knows none by name.
"""
