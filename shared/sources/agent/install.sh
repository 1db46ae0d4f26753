#!/usr/bin/env bash
# Installs the Azure Site Recovery Mobility service on this Linux machine and registers it with a replication appliance.
#
# Sent to EC2 machines through SSM (AWS-RunShellScript) and given to people who install by hand. Run it as often as you like:
# what is there already is kept, and a machine that is registered with the same appliance is left alone.
#
#   install.sh --appliance ADDRESS --installer PLACE [--config PLACE] [options]
#
#   --appliance ADDRESS   private address of the replication appliance; it must answer on the ports below
#   --installer PLACE     the agent's archive (Microsoft-ASR_UA_*.tar.gz): https://..., s3://bucket/key or a path.
#                         The appliance keeps it in its software repository; put a copy where machines can read it.
#   --sha256 HEX          what the archive's SHA-256 must be
#   --config PLACE        this machine's configuration file, made in the appliance's configurator from the text that
#                         this script prints when the file is missing (exit code 17)
#   --ports "443 9443"    ports of the appliance that must be open from here
#   --install-dir DIR     default /usr/local/ASR
#   --min-free-mb N       free space wanted where it is installed, default 2048
#
# Exit codes: 0 installed and registered; 2 wrong usage; 10 system not supported; 11 not root; 12 not enough free space;
# 13 appliance not reachable; 14 archive or configuration not readable; 15 installation failed; 16 registration failed;
# 17 installed, but the configuration file is needed; 18 archive damaged.
set -euo pipefail

readonly USAGE=2 UNSUPPORTED=10 NOT_ROOT=11 NO_SPACE=12 UNREACHABLE=13 UNREADABLE=14 NOT_INSTALLED=15 NOT_REGISTERED=16
readonly NEEDS_CONFIG=17 DAMAGED=18

root=${AZFERRY_ROOT:-} # a test's own root folder
appliance='' installer='' sha256='' config='' ports='443 9443' install_dir="$root/usr/local/ASR" min_free_mb=2048
work=''

say() { printf 'azferry-agent: %s\n' "$*"; }

fail() {
  local code=$1
  shift
  printf 'azferry-agent: error %s: %s\n' "$code" "$*" >&2
  exit "$code"
}

read_arguments() {
  while (($#)); do
    (($# > 1)) || fail $USAGE "$1 needs a value"
    case $1 in
      --appliance) appliance=$2 ;;
      --installer) installer=$2 ;;
      --sha256) sha256=${2,,} ;;
      --config) config=$2 ;;
      --ports) ports=$2 ;;
      --install-dir) install_dir=$2 ;;
      --min-free-mb) min_free_mb=$2 ;;
      *) fail $USAGE "unknown option $1" ;;
    esac
    shift 2
  done
  [[ -n $appliance ]] || fail $USAGE '--appliance is required'
  [[ -n $installer ]] || fail $USAGE '--installer is required'
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
  say "appliance $appliance answers on ports $ports"
}

# fetch PLACE FILE: from the web, from S3 or from this machine
fetch() {
  case $1 in
    https://* | http://*)
      if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"
      else
        wget --quiet --tries=3 --output-document="$2" "$1"
      fi
      ;;
    s3://*) aws s3 cp --only-show-errors "$1" "$2" ;;
    *) cp "$1" "$2" ;;
  esac
}

is_installed() { [[ -x $install_dir/Vx/bin/UnifiedAgentConfigurator.sh ]]; }

install_agent() {
  if is_installed; then
    say 'the Mobility service is installed already'
    return
  fi
  fetch "$installer" "$work/agent.tar.gz" || fail $UNREADABLE "cannot read the archive from $installer"
  if [[ -n $sha256 ]]; then
    echo "$sha256  $work/agent.tar.gz" | sha256sum --check --status || fail $DAMAGED 'the archive has another SHA-256'
  fi
  mkdir "$work/agent"
  tar -xzf "$work/agent.tar.gz" -C "$work/agent" || fail $DAMAGED 'the archive cannot be unpacked'
  say 'installing the Mobility service'
  (cd "$work/agent" && ./install -q -d "$install_dir" -r MS -v VmWare -c CSPrime) ||
    fail $NOT_INSTALLED "the installer ended with code $?: see /var/log/ua_install.log"
  is_installed || fail $NOT_INSTALLED 'the installer ended well but left no agent: see /var/log/ua_install.log'
}

# What was registered is remembered by us: where the agent keeps it differs from version to version.
stamp() { printf '%s/var/lib/azferry/registered' "$root"; }

register_agent() {
  if [[ -z $config ]]; then
    [[ ! -r $(stamp) || $(head -n 1 "$(stamp)") != "$appliance" ]] || return 0
    say 'make the configuration file in the appliance (Mobility service configuration) from this text:'
    "$install_dir/Vx/bin/AzureRcmCli" --getagentconfiginput || fail $NOT_REGISTERED 'the agent does not give its identity'
    fail $NEEDS_CONFIG 'give the configuration file with --config'
  fi
  fetch "$config" "$work/config.json" || fail $UNREADABLE "cannot read the configuration from $config"
  local mark
  mark="$appliance"$'\n'"$(sha256sum <"$work/config.json")"
  if [[ -r $(stamp) && $(<"$(stamp)") == "$mark" ]]; then
    say 'registered already'
    return
  fi
  say "registering with $appliance"
  "$install_dir/Vx/bin/UnifiedAgentConfigurator.sh" -q -c CSPrime -S "$work/config.json" -D true ||
    fail $NOT_REGISTERED "the configurator ended with code $?: see /var/log/ua_install.log"
  mkdir -p "$(dirname "$(stamp)")"
  printf '%s\n' "$mark" >"$(stamp)"
}

main() {
  read_arguments "$@"
  check_system
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  is_installed || check_space
  check_ports
  install_agent
  register_agent
  say 'installed and registered'
}

main "$@"
