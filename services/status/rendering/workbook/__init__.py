"""Renders rows as a workbook of Excel, piece by piece (pure). It knows neither products nor images."""
