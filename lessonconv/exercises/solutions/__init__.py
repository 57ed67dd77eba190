"""The reference solutions, as a learner might write them: this is what the teachers' edition shows.

Stride, padding and sizes are ints, the same along both axes. A signature and its docstring are the learner's stub.
"""
