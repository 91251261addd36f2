"""What uvicorn has no setting for: how long and how much callers may take, and how calls end when their
service stops. It knows no path.
"""
