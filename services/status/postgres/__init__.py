"""The pool, its time-outs, statements by name, migrations. It knows no meaning of any row."""
