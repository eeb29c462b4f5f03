# Everything here needs nothing but Python and pip; it sets itself up in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test bench clean

run: .venv/.installed
	$(BIN)/embkit run --clusterer agglomerative --viz dendrogram

test: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto --dist worksteal

bench: .venv/.bench
	for script in startup tree linkage hdbscan neighbors silhouette projection study; do \
		$(BIN)/python benchmarks/$$script.py || exit 1; done

# Bytecode is compiled here, whatever the machine's settings: the first command is not slow.
.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --compile -e .
	$(BIN)/python -m compileall -q framework plugins
	touch $@

.venv/.test: .venv/.installed $(wildcard examples/*/pyproject.toml)
	$(BIN)/python -m pip install --quiet --compile --group test
	$(BIN)/python -m pip install --quiet --no-deps -e examples/embkit-example-plugin -e examples/embkit-openai-namer
	touch $@

.venv/.bench: .venv/.test
	$(BIN)/python -m pip install --quiet --compile --group bench
	touch $@

clean:
	rm -rf .venv embkit-runs dist
