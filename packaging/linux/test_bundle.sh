#!/usr/bin/env bash
# Installs the package in a bare Debian without Python, and works with it there: test_bundle.sh PACKAGE.deb [FOLDER]
# Needs root, debootstrap and a Debian mirror. FOLDER keeps the bare system for another run.
set -euo pipefail
package=$1
root=${2:-$(mktemp -d)}
mkdir -p "$root"
[ $# -ge 2 ] || trap 'umount -q "$root/proc" "$root/dev/shm" || true; rm -rf "$root"' EXIT
# what mktemp makes is closed to all others, and would be the system's / for the user inside
chmod 755 "$root"
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

[ -x "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase "$suite" "$root" > /dev/null
# apt reaches its mirror as this machine does
cp -a /etc/apt/apt.conf.d /etc/apt/sources.list.d "$root/etc/apt/"
rm -f "$root/etc/apt/sources.list"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir -p "$root/usr/share/keyrings" "$root/etc/ssl/certs"
cp -a /usr/share/keyrings/. "$root/usr/share/keyrings/"
[ ! -f /etc/ssl/certs/ca-certificates.crt ] || cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mkdir -p "$root/dev/pts"
mkdir -p "$root/dev/shm"
mountpoint -q "$root/dev/shm" || mount -t tmpfs tmpfs "$root/dev/shm"
cp "$package" "$root/expoflow.deb"

inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
as_user() { inside setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/visitor QT_QPA_PLATFORM=offscreen "$@"; }
step() { echo "== $*"; }

inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends --reinstall /expoflow.deb > /dev/null
inside mkdir -p /home/visitor/work
inside chown -R 1000:1000 /home/visitor
step "no Python is there"
if inside sh -c 'command -v python3 python'; then echo "the system has a Python: this proves nothing" >&2; exit 1; fi
step version
as_user expoflow version
step "licences of what is inside"
test "$(as_user expoflow version --licences | wc -l)" -gt 60
step doctor
as_user sh -c 'cd /home/visitor/work && expoflow doctor' || echo "doctor says that something is missing (see above)"
step "the demonstration is unpacked, and a report is written of it"
time as_user sh -c 'cd /home/visitor/work && rm -rf hall.expoflow && expoflow demo-exhibition --venue hall.expoflow \
    && expoflow report --venue hall.expoflow --language zh_CN --out day.pdf && head -c 5 day.pdf && test "$(stat -c %s day.pdf)" -gt 20000'
step "its cameras are recorded"
as_user sh -c 'cd /home/visitor/work && expoflow record --venue hall.expoflow --duration 30'
step "one of its clips is analysed, and the result goes into the history"
as_user sh -c 'cd /home/visitor/work && expoflow analyse hall.expoflow/clips/west.mp4 --venue hall.expoflow --camera "West camera" --model expoflow-demo \
       --into hall.expoflow --start-utc 2026-01-05T02:00:00Z --out clip && ls clip'
step "the window opens, and shows every page"
as_user timeout 1200 sh -c 'cd /home/visitor/work && expoflow gui --venue hall.expoflow --screenshots pictures'
test "$(find "$root/home/visitor/work/pictures" -name '*.png' | wc -l)" -gt 20
cp "$root/home/visitor/work/day.pdf" "$(dirname "$package")/tested-report.pdf"
echo "all of it works without Python"
