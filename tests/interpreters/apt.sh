# For the scripts beside it, which have it read by the shell: apt of Debian trixie, with folders of
# its own in $own. It needs no root, and leaves the system's lists, its sources and its architectures
# as they are. The mirror is the one that this system uses.
#
#     own_apt KIND    prepares it; KIND is deb for packages of i386, or deb-src for sources
#     apt …           is apt-get then
#
# The script has a function `without TEXT`, for what is missing.

release=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

own_apt() {
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
	echo "$1 [arch=i386 signed-by=$keyring] $mirror $release main" >"$own/sources.list"
	apt update
}

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
