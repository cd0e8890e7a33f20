"""The local edge: workerd runs the Worker's bundle on Pyodide."""
