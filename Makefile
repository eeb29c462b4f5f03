# Everything here needs nothing but Python and pip; it sets itself up in .venv.
PYTHON ?= python3
BIN := .venv/bin
LOWEST := .venv-lowest
unexport PYTHONDONTWRITEBYTECODE # or every process of a test compiles again what has changed
EXAMPLES := $(patsubst %/pyproject.toml,%,$(wildcard examples/*/pyproject.toml))

.PHONY: run test test-lowest docs bench clean

run: .venv/.installed
	$(BIN)/embkit run --clusterer agglomerative --viz dendrogram

test: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto --dist worksteal

# The suite with the lowest versions that pyproject allows. Those of long ago use what newer
# versions of their own dependencies deprecate, which is not a fault of ours.
test-lowest: .venv/.lowest
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip compile --quiet --python $(LOWEST) --resolution lowest-direct --all-extras \
		pyproject.toml --output-file $(LOWEST)/requirements.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST) --compile-bytecode \
		--requirements $(LOWEST)/requirements.txt --group test --editable .
	$(BIN)/uv pip install --quiet --python $(LOWEST) --no-deps $(addprefix --editable ,$(EXAMPLES))
	$(LOWEST)/bin/pytest -n auto --dist worksteal -W ignore::DeprecationWarning

# The site, in docs/_build: its tutorials are run, and every warning is an error.
docs: .venv/.docs
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/sphinx-build --quiet --jobs auto \
		--fail-on-warning --keep-going docs docs/_build

# What the README's table of performance says, and what is beside it.
bench: .venv/.bench
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/tree.py
	$(BIN)/python benchmarks/linkage.py
	$(BIN)/python benchmarks/linkage.py --n 30000 --d 384 --linkage average --only embkit
	$(BIN)/python benchmarks/hdbscan.py
	$(BIN)/python benchmarks/neighbors.py
	$(BIN)/python benchmarks/silhouette.py
	$(BIN)/python benchmarks/projection.py
	$(BIN)/python benchmarks/study.py

# Bytecode is compiled here, whatever the machine's settings: the first command is not slow.
.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --compile -e .
	$(BIN)/python -m compileall -q framework plugins
	touch $@

.venv/.test: .venv/.installed $(addsuffix /pyproject.toml,$(EXAMPLES))
	$(BIN)/python -m pip install --quiet --compile --group test
	$(BIN)/python -m pip install --quiet --no-deps $(addprefix --editable ,$(EXAMPLES))
	touch $@

.venv/.lowest: .venv/.test
	$(BIN)/python -m pip install --quiet --compile --group lowest
	touch $@

.venv/.docs: .venv/.installed
	$(BIN)/python -m pip install --quiet --compile --group docs
	touch $@

.venv/.bench: .venv/.test
	$(BIN)/python -m pip install --quiet --compile --group bench
	touch $@

clean:
	rm -rf .venv $(LOWEST) embkit-runs dist docs/_build docs/jupyter_execute docs/reference/generated
