"""An explorer where no kernel runs: its state as a picture, a play as an animation, drawn with Matplotlib.

`view` lays out what the live page shows and draws it; `animation` makes frames of a play. `words`, `layout`, `grid` and
`told` are the page's modules of the same names in Python; tests compare them.
"""
