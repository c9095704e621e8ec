#!/bin/sh
# Installs the Debian packages that Headlight is built and tested with, and says which. Does nothing when none is missing.
set -eu

packages="gcc meson ninja-build pkg-config gettext desktop-file-utils appstream libxml2-utils
libglib2.0-dev libgtk-4-dev libadwaita-1-dev libjson-glib-dev libarchive-dev libcairo2-dev libpango1.0-dev
xvfb xauth dbus dbus-x11 at-spi2-core adwaita-icon-theme fonts-cantarell"

command -v dpkg-query >/dev/null 2>&1 || exit 0

missing=
for package in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "Headlight needs these Debian packages, which are not installed yet:"
echo " $missing"
if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1; then
  as_root=sudo
else
  echo "Installing them takes root or sudo. As root: apt-get install$missing" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# A package list may be old or not there at all: it is refreshed once if installing fails without.
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 $missing ||
  { $as_root apt-get update -o DPkg::Lock::Timeout=600 &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 $missing; }
