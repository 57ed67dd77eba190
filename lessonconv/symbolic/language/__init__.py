"""Equations as people write and read them: text, there (`equation`) and back (`text`), and LaTeX."""
