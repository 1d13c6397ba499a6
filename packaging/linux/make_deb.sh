#!/usr/bin/env bash
# A Debian package of the bundle: make_deb.sh BUNDLE OUT. Its Python and libraries are inside; what a display
# needs comes from the system.
set -euo pipefail
bundle=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
id=io.github.expoflow.ExpoFlow
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../../pyproject.toml")
architecture=$(dpkg --print-architecture)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

install -d "$tree/opt" "$tree/usr/bin" "$tree/usr/share/applications" "$tree/usr/share/metainfo" \
    "$tree/usr/share/icons/hicolor/scalable/apps" "$tree/usr/share/doc/expoflow" "$tree/DEBIAN"
cp -a "$bundle" "$tree/opt/expoflow"
ln -s /opt/expoflow/expoflow "$tree/usr/bin/expoflow"
install -m 644 "$here/$id.desktop" "$tree/usr/share/applications/"
install -m 644 "$here/$id.metainfo.xml" "$tree/usr/share/metainfo/"
install -m 644 "$here/../../resources/icons/brand.svg" "$tree/usr/share/icons/hicolor/scalable/apps/$id.svg"
install -D -m 644 "$here/expoflow-record@.service" "$tree/usr/lib/systemd/system/expoflow-record@.service"
cat > "$tree/usr/share/doc/expoflow/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ExpoFlow

Files: *
Copyright: the ExpoFlow developers
License: AGPL-3.0-or-later
 The licence's text is in /opt/expoflow/_internal/LICENSE. The packages inside and their licences are listed by
 "expoflow version --licences" and in the window's About box.

Files: opt/expoflow/_internal/resources/models/yolo11n-int8/*
Copyright: Ultralytics
License: AGPL-3.0
 YOLO11n, trained on COCO. Source: https://github.com/ultralytics/ultralytics, exported to OpenVINO with 8 bits by
 https://github.com/yas-sim/ultralytics_yolo11_optimization. SHA-256: see resources/models/catalogue.json.
END
cat > "$tree/DEBIAN/control" <<END
Package: expoflow
Version: $version
Architecture: $architecture
Maintainer: The ExpoFlow developers <expoflow@localhost>
Installed-Size: $(du -sk "$tree/opt" | cut -f1)
Depends: libc6, libegl1, libgl1, libglib2.0-0t64, libdbus-1-3, libfontconfig1, libxkbcommon0, libgssapi-krb5-2,
 libxcb-cursor0, libxcb-icccm4, libxcb-keysyms1, libxcb-shape0, libxkbcommon-x11-0
Recommends: libcups2t64 | libcups2
Section: science
Priority: optional
Description: exhibition analytics from a venue's cameras
 Counts and follows people, places them on the floor plan in metres, and turns that into footfall, dwell times and
 visitor-flow heatmaps. Runs on the venue's own machine and stores no picture of anybody.
END
mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz -z1 --build "$tree" "$out/expoflow_${version}_$architecture.deb"
