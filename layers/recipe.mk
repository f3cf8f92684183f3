# What the recipes of all layers have in common; each includes it by its own path, for
# SAM calls make in a copy of the layer's folder.
# The function's processor: arm64, or x86_64. Lambda's Amazon Linux 2023 has glibc 2.34.
ARCHITECTURE ?= arm64
PLATFORM := $(ARCHITECTURE:arm64=aarch64)-manylinux_2_34
PYTHON_VERSION := 3.13
UV := $(ROOT)/.tools/uv/bin/uv
PYTHON := $(ROOT)/.venv/bin/python$(PYTHON_VERSION)
# Hashes of texts decide in which order a set is written down: always the same one.
COMPILE := PYTHONHASHSEED=0 "$(PYTHON)" -m compileall -q --invalidation-mode unchecked-hash
SITE = $(ARTIFACTS_DIR)/python

ifeq ($(filter arm64 x86_64,$(ARCHITECTURE)),)
$(error ARCHITECTURE is arm64 or x86_64, not $(ARCHITECTURE))
endif

# The wheels of requirements.txt, without what only a compiler or a type checker reads.
define install
	"$(UV)" pip install -q --no-deps --require-hashes --only-binary :all: \
	  --link-mode copy --python "$(PYTHON)" --python-version $(PYTHON_VERSION) \
	  --python-platform $(PLATFORM) --target "$(SITE)" -r requirements.txt
	cd "$(SITE)" && rm -rf bin .lock *.dist-info/RECORD *.dist-info/sboms
	find "$(SITE)" \( -name __pycache__ -o -name '*.py[ix]' -o -name '*.pxd' \
	  -o -name '*.[ch]' -o -name '*.[ch]pp' \) -prune -exec rm -rf {} +
endef

# Others' code goes as bytecode alone: a traceback still names file and line, and the
# version is pinned. Ours, which is read more often, goes with its source.
define thin
	"$(PYTHON)" -I "$(ROOT)/layers/unmapped.py" "$(SITE)"
	$(COMPILE) -b -s "$(SITE)" -p /opt/python "$(SITE)"
	find "$(SITE)" -name '*.py' -delete
endef

# A fresh clone has neither; the root's Makefile knows how they are made.
$(UV):
	$(MAKE) -C "$(ROOT)" $(UV:$(ROOT)/%=%)
$(PYTHON):
	$(MAKE) -C "$(ROOT)" .venv/.ready
