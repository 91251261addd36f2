"""Reads a workbook of Excel (Office Open XML, both of its dialects). It knows nothing of CSVs."""
