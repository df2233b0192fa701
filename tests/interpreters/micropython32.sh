#!/bin/sh
# Fetches a MicroPython with words of 32 bits, like those of microcontrollers:
#
#     tests/interpreters/micropython32.sh FOLDER
#
# It is Debian's build for i386, unpacked into FOLDER with the libraries that it needs. Nothing is
# installed: apt gets folders of its own, so this needs no root and leaves the system's lists, its
# sources and its architectures as they are. The mirror is the one that this system uses.
#
# If it cannot be fetched, this says why and ends with 0. The tests that need it say so, too.
set -eu

release=trixie
packages="micropython libc6 libffi8 libmbedtls21 libmbedcrypto16 libmbedx509-7"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
folder=$1

without() {
	echo "No 32-bit MicroPython, some tests will be skipped: $1" >&2
	exit 0
}

for command in apt-get dpkg-deb; do
	command -v $command >/dev/null || without "$command is missing"
done
[ -e $keyring ] || without "$keyring is missing: apt-get install debian-archive-keyring"
# (not by `apt-get indextargets`, which is silent until the system's lists have been fetched)
mirror=$(apt-get update --print-uris | sed -n "s,^'\([^']*/debian\)/*/dists/.*,\1,p" | head -n 1)
[ "$mirror" ] || without "apt-get has no mirror of Debian among its sources"

own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
mkdir -p "$own/state/lists/partial" "$own/cache/archives/partial" "$own/parts" "$own/root"
: >"$own/status"
echo "deb [arch=i386 signed-by=$keyring] $mirror $release main" >"$own/sources.list"

apt() {
	apt-get -qq \
		-o Dir::State="$own/state" \
		-o Dir::State::status="$own/status" \
		-o Dir::Cache="$own/cache" \
		-o Dir::Etc::sourcelist="$own/sources.list" \
		-o Dir::Etc::sourceparts="$own/parts" \
		-o Dir::Etc::preferencesparts="$own/parts" \
		-o APT::Architecture=i386 \
		-o APT::Architectures=i386 \
		-o APT::Sandbox::User= \
		-o Acquire::Languages=none \
		"$@"
}

apt update
(cd "$own" && apt download $packages)
for file in "$own"/*.deb; do
	dpkg-deb -x "$file" "$own/root"
done

rm -rf "$folder"
mkdir -p "$folder/lib"
cp "$own"/root/usr/lib/i386-linux-gnu/*.so* "$folder/lib"
cp "$own/root/usr/bin/micropython" "$folder"
"$folder/lib/ld-linux.so.2" --library-path "$folder/lib" "$folder/micropython" -c 'pass' || {
	rm -rf "$folder"
	without "this computer does not run programs for i386"
}
touch "$folder/.installed"
