#!/bin/sh
# Builds the MicroPython of micropython32.sh with this driver frozen into it, as into a firmware:
#
#     tests/interpreters/frozen32.sh FOLDER MPY_CROSS
#
# The result is FOLDER/build/micropython. The sources are Debian's; FOLDER keeps them, and what was
# built, for the next time. MPY_CROSS compiles the driver. The modules for TLS, foreign functions and
# databases are left out: they need libraries for i386, and the driver needs none of them.
set -eu

mkdir -p "$1"
folder=$(cd "$1" && pwd)
cross=$2
here=$(cd "$(dirname "$0")" && pwd)

without() {
	echo "MicroPython cannot be built for 32 bit: $1" >&2
	exit 1
}

for command in make gcc dpkg-source dpkg-parsechangelog; do
	command -v $command >/dev/null || without "$command is missing: apt-get install gcc make dpkg-dev"
done
echo 'int main(void) { return 0; }' | gcc -m32 -o "$folder/probe" -x c - 2>/dev/null ||
	without "gcc has no -m32: apt-get install gcc-multilib"
rm "$folder/probe"

if ! [ -e "$folder/source/.complete" ]; then
	. "$here/apt.sh"
	own_apt deb-src
	(cd "$own" && apt source micropython >/dev/null)
	rm -rf "$folder/source"
	mv "$own"/micropython-*/ "$folder/source"
	touch "$folder/source/.complete"
fi

# -DMICROPY_FLOAT_…: gcc for i386 has no _Float16, as Debian's own rules for it say
make -C "$folder/source/ports/unix" -j "$(nproc)" \
	BUILD="$folder/build" \
	FROZEN_MANIFEST="$here/../../manifest.py" \
	MICROPY_MPYCROSS="$cross" \
	MICROPY_FORCE_32BIT=1 \
	MICROPY_PY_FFI=0 MICROPY_PY_BTREE=0 MICROPY_PY_SSL=0 MICROPY_SSL_MBEDTLS=0 \
	CFLAGS_EXTRA=-DMICROPY_FLOAT_USE_NATIVE_FLT16=0 \
	>"$folder/log" 2>&1 || without "$(tail -n 20 "$folder/log")"
