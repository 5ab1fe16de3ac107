#!/bin/sh
# Installs Debian packages without starting their services. Called with an exclusive lock held: install-packages.sh PACKAGE...
set -eu

# Whoever held the lock before may have done it already.
installed() {
  for package; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || return 1
  done
}
if installed "$@"; then exit 0; fi

policy=/usr/sbin/policy-rc.d
saved=/usr/sbin/policy-rc.d.choreo-saved
marker='# Choreo: no service starts while it installs packages'

is_ours() { grep -qsF "$marker" "$policy"; }

restore() {
  if is_ours; then rm -f "$policy"; fi
  if [ -e "$saved" ] || [ -L "$saved" ]; then mv "$saved" "$policy"; fi
}

# An earlier run that was killed may have left its policy; that one is not the machine's own.
if { [ -e "$policy" ] || [ -L "$policy" ]; } && ! is_ours; then mv "$policy" "$saved"; fi
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
printf '#!/bin/sh\n%s\nexit 101\n' "$marker" >"$policy"
chmod 755 "$policy"

# The lock of the package lists has no time-out of its own.
update() {
  tries=0
  until output=$(apt-get -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 update 2>&1); do
    tries=$((tries + 1))
    case "$output" in *'Could not get lock'*) ;; *) break ;; esac
    if [ "$tries" -ge 60 ]; then break; fi
    sleep 2
  done
  printf '%s\n' "$output"
}

update
DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 install "$@"
