#!/bin/sh
# Makes a root folder of a Debian release with one package in it: fetch-root.sh RELEASE PACKAGE ROOT
# To be called in namespaces of its own: what debootstrap mounts and starts then ends with it, however it ends.
set -eu
release=$1
package=$2
root=$3
draft=$root.new

# Of a fetch that was cut off.
rm -rf "$draft"
debootstrap --variant=minbase --include="$package" "$release" "$draft"
# The broker's node is choreo@localhost.
echo '127.0.0.1 localhost' >"$draft/etc/hosts"
rm -rf "$draft/var/cache/apt" "$draft/var/lib/apt/lists" "$draft/usr/share/doc"
# Whole or not at all: nobody takes a draft for the root.
mv "$draft" "$root"
