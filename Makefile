# The commands themselves are in make.py, so that systems without make have the same ones. `make help` lists them.
PYTHON ?= python3
ARGS ?=

.PHONY: help lab test lint notebooks teachers course nbgrader bench lock clean
.NOTPARALLEL:

help:
	@$(PYTHON) make.py --help

lab test lint notebooks teachers course nbgrader bench lock clean:
	@$(PYTHON) make.py $@ $(ARGS)
