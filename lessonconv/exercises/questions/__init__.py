"""The questions to predict the answer to: a module `chapter_NN` for each chapter that asks some, its QUESTIONS by name.

The numbers in them stand there as they are read; tests/exercises/questions/ works every answer out anew, with
the layers, and most of the foreseeable wrong ones, from the thought that the reply names.
"""
