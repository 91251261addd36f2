"""The CSV as people send it: read, judged, marked (pure but for its spools). It knows no HTTP and no form."""
