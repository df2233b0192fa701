#!/bin/sh
# Fetches a MicroPython with words of 32 bits, like those of microcontrollers:
#
#     tests/interpreters/micropython32.sh FOLDER
#
# It is Debian's build for i386, unpacked into FOLDER with the libraries that it needs. Nothing is
# installed: see apt.sh.
#
# If it cannot be fetched, this says why and ends with 0. The tests that need it say so, too.
set -eu

packages="micropython libc6 libffi8 libmbedtls21 libmbedcrypto16 libmbedx509-7"
folder=$1

without() {
	echo "No 32-bit MicroPython, some tests will be skipped: $1" >&2
	exit 0
}

. "$(dirname "$0")/apt.sh"
own_apt deb
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
