#!/bin/sh
# Runs a test on a display of its own, with a bus of its own, so that it neither sees nor touches the desktop.
set -eu

for tool in Xvfb xvfb-run dbus-run-session; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "1..0 # SKIP $tool is not installed"
    exit 0
  fi
done

home=$(mktemp -d)
trap 'rm -rf "$home" || :' EXIT
mkdir -p "$home/config/gtk-4.0" "$home/data" "$home/cache" "$home/run"
chmod 700 "$home/run"
printf '[Settings]\ngtk-font-name=Cantarell 11\ngtk-enable-animations=0\n' >"$home/config/gtk-4.0/settings.ini"

# A bus that starts no services: portals and the like of this machine would run on, and mount folders in the home.
cat >"$home/bus.conf" <<'END'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END

export XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home/data" XDG_CACHE_HOME="$home/cache" XDG_RUNTIME_DIR="$home/run"
export GDK_BACKEND=x11 GTK_USE_PORTAL=0 ADW_DISABLE_PORTAL=1 GSK_RENDERER=cairo GSETTINGS_BACKEND=memory GIO_USE_VFS=local
export LC_ALL=C.UTF-8 GTK_A11Y="${GTK_A11Y:-none}"
unset GTK_THEME WAYLAND_DISPLAY

dbus-run-session --config-file="$home/bus.conf" -- xvfb-run -a -s "-screen 0 ${SCREEN:-2000x1200x24} -ac -nolisten tcp" "$@"
