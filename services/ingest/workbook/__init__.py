"""Reads the sheet of products out of a workbook (.xlsx, .ods) and writes it as a CSV. It knows no form and
nothing of products: what makes a header is said by its caller.
"""
