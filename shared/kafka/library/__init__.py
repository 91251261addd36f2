"""What aiokafka has no setting for. Each file names one gap, and closes it from within the library. It knows
no message and no group of ours.
"""
