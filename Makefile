# Set-up on top of the Meson build, for those who come with nothing: "make run" and "make check" install what is missing
# (Debian and its kin, root or sudo), build, and run. Whoever has the packages uses Meson directly.

BUILD ?= build

.PHONY: run check build setup bench clean

run: build
	@tests/run-or-render.sh $(BUILD)

check: build
	@meson test -C $(BUILD) --print-errorlogs

bench: build
	@meson test -C $(BUILD) --benchmark --verbose

build: setup
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) $(MESON_ARGS)
	@ninja -C $(BUILD)

setup:
	@tests/install-packages.sh

clean:
	rm -rf $(BUILD)
