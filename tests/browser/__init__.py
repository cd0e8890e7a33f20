"""Pages as people see them: a real Chromium before the local edge and the demo shop."""
