#!/bin/sh
# Opens Headlight on its embedded example; without a display, says so and renders the example to pictures.
set -eu

build=$1
headlight=$build/src/headlight
source_dir=$(cd "$(dirname "$0")/.." && pwd)

if [ -n "${WAYLAND_DISPLAY:-}${DISPLAY:-}" ]; then
  exec "$headlight"
fi

out=$build/example
mkdir -p "$out"
echo "There is no display (neither WAYLAND_DISPLAY nor DISPLAY is set), so the example goes into pictures:"
for view in sequence heads model neurons matrix; do
  for theme in light dark; do
    "$headlight" render "$source_dir/data/example/decoder.safetensors" --view "$view" --theme "$theme" \
      --layer 1 --query 12 --resolution 2 -o "$out/$view-$theme.png"
    echo "  $out/$view-$theme.png"
  done
done
