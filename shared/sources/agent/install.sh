#!/usr/bin/env bash
# Installs the Azure Site Recovery Mobility service on this Linux machine and registers it. `install.sh --help` says how.
# Sent to EC2 machines through SSM (AWS-RunShellScript) and given to people who install by hand.
if [ -z "${BASH_VERSION:-}" ]; then
  echo 'azferry-agent: error 2: run this by bash, not by sh' >&2
  exit 2
fi
set -euo pipefail

usage() {
  cat <<'TEXT'
Installs the Azure Site Recovery Mobility service on this machine and registers it with a replication appliance (or a
configuration server). Run it as often as you like, as root: what is there already is kept, and a machine that is
registered with the same server is left alone. Two runs at once wait for each other.

  install.sh --appliance ADDRESS --installer PLACE [options]

  --appliance ADDRESS   private address of the replication appliance or configuration server; it must answer on the ports
  --installer PLACE     the agent's archive (Microsoft-ASR_UA_*.tar.gz): https://..., s3://bucket/key or a path.
                        The appliance keeps it in its software repository; put a copy where machines can read it.
  --sha256 HEX          what the archive's SHA-256 must be
  --kind KIND           what ADDRESS is: appliance (the default) or configurationServer
  --config PLACE        kind appliance: this machine's configuration file, made in the appliance's configurator from the
                        text that this script prints while the file is missing (exit code 17).
                        Left out: /var/lib/azferry/config.json, if it is there
  --config-sha256 HEX   what the SHA-256 of that file must be
  --passphrase PLACE    kind configurationServer: the file with its passphrase.
                        Left out: /var/lib/azferry/passphrase.txt
  --ports "443 9443"    ports of the server that must be open from here
  --install-dir DIR     default /usr/local/ASR
  --min-free-mb N       free space wanted where it is installed, default 2048
  --help                this text

Exit codes: 0 installed and registered; 2 wrong usage; 10 system not supported; 11 not root; 12 not enough free space;
13 server not reachable; 14 archive not readable; 15 installation failed; 16 registration failed; 17 installed, but its
configuration file (or the passphrase) is needed; 18 a file is damaged; 19 another installation did not end within an hour.
TEXT
}

readonly USAGE=2 UNSUPPORTED=10 NOT_ROOT=11 NO_SPACE=12 UNREACHABLE=13 UNREADABLE=14 NOT_INSTALLED=15 NOT_REGISTERED=16
readonly NEEDS_CONFIG=17 DAMAGED=18 BUSY=19

root=${AZFERRY_ROOT:-} # a test's own root folder
own="$root/var/lib/azferry"
appliance='' kind=appliance installer='' sha256='' config='' config_sha256='' passphrase=''
ports='443 9443' install_dir="$root/usr/local/ASR" min_free_mb=2048
work=''

say() { printf 'azferry-agent: %s\n' "$*"; }

fail() {
  local code=$1
  shift
  printf 'azferry-agent: error %s: %s\n' "$code" "$*" >&2
  exit "$code"
}

# Addresses may carry a password or a signature: neither is ever printed.
hide() { sed -E 's#(://)[^/@[:space:]]*@#\1#g; s#(://[^?[:space:]]*)\?[^[:space:]]*#\1#g'; }
shown() { printf '%s' "$1" | hide; }

read_arguments() {
  while (($#)); do
    case $1 in
      --help)
        usage
        exit 0
        ;;
      --appliance | --kind | --installer | --sha256 | --config | --config-sha256 | --passphrase | --ports | --install-dir | --min-free-mb)
        (($# > 1)) || fail $USAGE "$1 needs a value"
        ;;
      *) fail $USAGE "unknown option $(shown "$1"); --help tells those that there are" ;;
    esac
    case $1 in
      --appliance) appliance=$2 ;;
      --kind) kind=$2 ;;
      --installer) installer=$2 ;;
      --sha256) sha256=${2,,} ;;
      --config) config=$2 ;;
      --config-sha256) config_sha256=${2,,} ;;
      --passphrase) passphrase=$2 ;;
      --ports) ports=${2//,/ } ;;
      --install-dir) install_dir=$2 ;;
      --min-free-mb) min_free_mb=$2 ;;
    esac
    shift 2
  done
}

check_arguments() {
  [[ $appliance =~ ^[A-Za-z0-9.:-]+$ ]] || fail $USAGE '--appliance is required: an address'
  [[ -n $installer ]] || fail $USAGE '--installer is required'
  [[ $kind == appliance || $kind == configurationServer ]] || fail $USAGE '--kind is appliance or configurationServer'
  [[ $kind == appliance || -z $config ]] || fail $USAGE 'a configuration server wants --passphrase, not --config'
  [[ $kind == configurationServer || -z $passphrase ]] || fail $USAGE 'an appliance wants --config, not --passphrase'
  [[ $sha256 =~ ^([0-9a-f]{64})?$ ]] || fail $USAGE '--sha256 is 64 hexadecimal digits'
  [[ $config_sha256 =~ ^([0-9a-f]{64})?$ ]] || fail $USAGE '--config-sha256 is 64 hexadecimal digits'
  [[ $ports =~ ^\ *[0-9]+(\ +[0-9]+)*\ *$ ]] || fail $USAGE '--ports are numbers'
  [[ $min_free_mb =~ ^[0-9]+$ ]] || fail $USAGE '--min-free-mb is a number'
  [[ $install_dir == /* ]] || fail $USAGE '--install-dir is an absolute path'
  local place
  for place in "$installer" "$config" "$passphrase"; do
    [[ $place != *://* || $place == https://* || $place == s3://* ]] ||
      fail $USAGE "$(shown "$place") is neither https://, s3:// nor a path"
  done
}

check_system() {
  [[ $(id -u) == 0 ]] || fail $NOT_ROOT 'run this as root'
  [[ $(uname -m) == x86_64 ]] || fail $UNSUPPORTED "only 64-bit x86 is supported, this is $(uname -m)"
  local name=''
  if [[ -r $root/etc/os-release ]]; then
    name=$(sed -n 's/^ID=//p' "$root/etc/os-release" | tr -d '"')
  elif [[ -r $root/etc/redhat-release ]]; then # RHEL and CentOS 6
    name=rhel
  fi
  case $name in
    rhel | centos | rocky | almalinux | ol | ubuntu | debian | sles) say "system: $name" ;;
    *) fail $UNSUPPORTED "Site Recovery has no agent for '${name:-an unknown system}'" ;;
  esac
}

check_space() {
  local folder=$install_dir free
  while [[ ! -d $folder ]]; do folder=$(dirname "$folder"); done
  free=$(df -Pm "$folder" | awk 'NR == 2 { print $4 }')
  ((free >= min_free_mb)) || fail $NO_SPACE "$folder has $free MB free, $min_free_mb MB are needed"
}

check_ports() {
  local port
  for port in $ports; do
    # shellcheck disable=SC2016  # the inner shell expands them
    timeout 10 bash -c 'exec 3<>"/dev/tcp/$1/$2"' _ "$appliance" "$port" 2>/dev/null ||
      fail $UNREACHABLE "$appliance does not answer on port $port: look at security groups, routes and firewalls"
  done
  say "$kind $appliance answers on ports $ports"
}

# A folder of root's own: nobody else can put a file there. Descriptor 9 holds the lock until we end, however we end;
# programs that stay behind must not inherit it.
enter_folder() {
  mkdir -p "$own"
  chmod 700 "$own"
  exec 9>"$own/lock"
  if ! flock -n 9; then
    say 'another installation runs here: waiting for it'
    flock -w 3600 9 || fail $BUSY 'another installation did not end within an hour'
  fi
  rm -rf "$own"/work.* # left by a run that was killed
  work=$(mktemp -d "$own/work.XXXXXXXX")
  trap 'rm -rf "$work"' EXIT
}

# download URL FILE: the address goes in by standard input, so that no list of processes shows it
download() {
  local only=()
  if command -v curl >/dev/null; then
    # one too old to keep redirects to https follows none
    if curl --proto =https --version >/dev/null 2>&1; then only=(--proto '=https' --proto-redir '=https' --location); fi
    printf 'url = "%s"\n' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')" |
      curl --config - --fail --silent --show-error ${only[@]+"${only[@]}"} --retry 3 --connect-timeout 20 \
        --speed-limit 1000 --speed-time 60 --output "$2"
  else
    printf '%s\n' "$1" | wget --input-file=- --no-verbose --max-redirect=0 --tries=3 --timeout=60 --output-document="$2"
  fi
}

# fetch PLACE FILE: from the web, from S3 or from this machine
fetch() {
  case $1 in
    https://*) download "$1" "$2" ;;
    s3://*) aws s3 cp --only-show-errors "$1" "$2" ;;
    *) cp -- "$1" "$2" ;;
  esac 9>&- 2>"$work/said" && return
  hide <"$work/said" >&2
  return 1
}

has_sum() { [[ -z $2 ]] || echo "$2  $1" | sha256sum --check --status; }

is_installed() { [[ -x $install_dir/Vx/bin/UnifiedAgentConfigurator.sh && ! -e $own/installing ]]; }

install_agent() {
  if is_installed; then
    say 'the Mobility service is installed already'
    return
  fi
  fetch "$installer" "$work/agent.tar.gz" || fail $UNREADABLE "cannot read the archive from $(shown "$installer")"
  has_sum "$work/agent.tar.gz" "$sha256" || fail $DAMAGED 'the archive has another SHA-256'
  mkdir "$work/agent"
  tar -xzf "$work/agent.tar.gz" -C "$work/agent" || fail $DAMAGED 'the archive cannot be unpacked'
  say 'installing the Mobility service'
  rm -f "$own/registered" # a new agent knows no server
  touch "$own/installing" # stays when we are killed: then it is installed again
  (cd "$work/agent" && ./install -q -d "$install_dir" -r MS -v VmWare -c "$(cs_type)") 9>&- ||
    fail $NOT_INSTALLED "the installer ended with code $?: see /var/log/ua_install.log"
  rm -f "$own/installing"
  is_installed || fail $NOT_INSTALLED 'the installer ended well but left no agent: see /var/log/ua_install.log'
}

cs_type() { if [[ $kind == appliance ]]; then echo CSPrime; else echo CSLegacy; fi; }

# The file that registration needs, into $work/config.
get_config() {
  if [[ -z $place && -r $here ]]; then place=$here; fi
  [[ -n $place ]] && fetch "$place" "$work/config"
}

# Ends with what a person has to do.
ask_for_config() {
  if [[ $kind == appliance ]]; then
    say 'the text of this machine begins'
    "$install_dir/Vx/bin/AzureRcmCli" --getagentconfiginput 9>&- || fail $NOT_REGISTERED 'the agent does not give its identity'
    say 'the text of this machine ends'
  fi
  fail $NEEDS_CONFIG "the $what is needed: put it to $(shown "${place:-$here}") and run this again"
}

# What was registered is remembered by us: where the agent keeps it differs from version to version.
register_agent() {
  local place=$config what='configuration file' here="$own/config.json" stamp="$own/registered" known='' mark
  if [[ $kind == configurationServer ]]; then place=$passphrase what='passphrase' here="$own/passphrase.txt"; fi
  if [[ -r $stamp ]]; then known=$(<"$stamp"); fi
  if ! get_config; then
    [[ ${known%%$'\n'*} == "$kind $appliance" ]] || ask_for_config
    say 'registered already'
    return
  fi
  has_sum "$work/config" "$config_sha256" || fail $DAMAGED "the $what has another SHA-256"
  mark="$kind $appliance"$'\n'"$(sha256sum <"$work/config")"
  if [[ $known == "$mark" ]]; then
    say 'registered already'
    return
  fi
  say "registering with $appliance"
  local given=(-S "$work/config" -D true)
  if [[ $kind == configurationServer ]]; then given=(-i "$appliance" -P "$work/config"); fi
  "$install_dir/Vx/bin/UnifiedAgentConfigurator.sh" -q -c "$(cs_type)" "${given[@]}" 9>&- ||
    fail $NOT_REGISTERED "the configurator ended with code $?: see /var/log/ua_install.log"
  printf '%s\n' "$mark" >"$work/registered"
  mv -f "$work/registered" "$stamp"
}

main() {
  read_arguments "$@"
  check_arguments
  check_system
  is_installed || check_space
  check_ports
  enter_folder
  install_agent
  register_agent
  say 'installed and registered'
}

main "$@"
