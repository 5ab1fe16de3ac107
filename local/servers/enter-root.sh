#!/bin/sh
# Runs a program of a root folder with an instance's folder at /mnt: enter-root.sh ROOT FOLDER PROGRAM [ARGUMENT...]
# To be called in a mount namespace of its own: what is mounted here goes with the process, however it ends.
# Each step replaces the one before, so the process that was started is the program.
set -eu
root=$1
folder=$2
shift 2

# Several instances share the root, so none of them may change it.
mount --bind "$root" "$root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$folder" "$root/mnt"
mount -o remount,bind,ro "$root"

PATH=/usr/sbin:/usr/bin:/sbin:/bin
TMPDIR=/mnt
export PATH TMPDIR
exec chroot "$root" "$@"
