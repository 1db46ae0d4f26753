#!/usr/bin/env bash
# What azd runs around `azd provision` and `azd down` (azure.yaml): what a template cannot make or take back. Each step looks
# first and says what it does; run again, it changes nothing.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

usage() {
  cat <<'TEXT'
usage: hooks.sh preprovision | postprovision | postdown [--what-if]

  preprovision    registers the app that people sign in with and, with AZFERRY_AWS_ACCOUNTS, the one that AWS trusts;
                  registers the provider Microsoft.App where the app goes into a network
  postprovision   leads sign-in back to the app, makes whoever is signed in its first owner
  postdown        takes back the rights that were given outside the app's resource group, and their roles
  --what-if       say what would be changed, change nothing

Everything it needs to know are variables of the azd environment. AZFERRY_REGISTER_SIGN_IN=false leaves sign-in to you.
TEXT
}

step='' what_if=''
while [ $# -gt 0 ]; do
  case "$1" in
    preprovision | postprovision | postdown) step="$1"; shift ;;
    --what-if) what_if=--what-if; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
if [ -z "$step" ]; then
  usage >&2
  exit 2
fi

say() { printf '%s\n' "$*" >&2; }
# Whatever changes something goes through here.
change() {
  if [ -n "$what_if" ]; then
    say "would run: $*"
  else
    "$@"
  fi
}
# azd gives a hook the variables of its environment; who runs this by hand has them asked for.
value() { printenv "$1" || azd env get-value "$1" 2>/dev/null | grep -v '^ERROR' || true; }
keep() { if [ -n "$2" ]; then change azd env set "$1" "$2"; fi; }

command -v az >/dev/null || { say "The Azure CLI (az) is needed, signed in: https://aka.ms/azure-cli"; exit 1; }
sign_in="azferry-$(value AZURE_ENV_NAME)"
client="$(value AZFERRY_AUTH_CLIENT_ID)"

preprovision() {
  if [ "$(value AZFERRY_REGISTER_SIGN_IN)" = false ]; then
    say "Sign-in is left to you (AZFERRY_REGISTER_SIGN_IN=false)."
  elif [ -n "$client" ]; then
    say "People sign in with $client."
  elif made="$("$here/register-sign-in.sh" --name "$sign_in" ${what_if:+"$what_if"})"; then
    keep AZFERRY_AUTH_CLIENT_ID "${made#CLIENT_ID=}"
  else
    say "Who may not register apps in Entra: have $here/register-sign-in.sh run by somebody who may, and azd env set"
    say "AZFERRY_AUTH_CLIENT_ID to what it prints; or azd env set AZFERRY_REGISTER_SIGN_IN false: function keys only."
    return 1
  fi
  if [ -n "$(value AZFERRY_AWS_ACCOUNTS)" ] && [ -z "$(value AZFERRY_AWS_FEDERATION_AUDIENCE)" ]; then
    made="$("$here/aws/register-app.sh" ${what_if:+"$what_if"})"
    keep AZFERRY_AWS_FEDERATION_AUDIENCE "$(printf '%s\n' "$made" | sed -n 's/^AUDIENCE=//p')"
  fi
  if [ "$(value AZFERRY_PRIVATE)" = true ] || [ -n "$(value AZFERRY_SUBNET_ID)" ]; then
    if [ "$(az provider show --namespace Microsoft.App --query registrationState --output tsv)" != Registered ]; then
      say "Registering the provider Microsoft.App, which the app's subnet is delegated to"
      change az provider register --namespace Microsoft.App --wait
    fi
  fi
}

postprovision() {
  # the last part of the app's name is in the names of its roles; what azd down forgets, postdown has to know
  app="$(value AZFERRY_FUNCTION_APP)"
  [ "$(value AZFERRY_ROLES)" = "${app##*-}" ] || keep AZFERRY_ROLES "${app##*-}"
  if [ -z "$client" ]; then
    say "Nobody signs in: only function keys guard the app, and nobody is named in the ledger."
    return
  fi
  if [ "$(az ad app list --display-name "$sign_in" --query "[?displayName=='$sign_in'].appId" --output tsv)" != "$client" ]; then
    say "The registration $client is not $sign_in: add $(value AZFERRY_URL)/.auth/login/aad/callback to its addresses yourself."
    return
  fi
  # a pipeline is nobody's person
  person="$(az ad signed-in-user show --query id --output tsv 2>/dev/null || true)"
  "$here/register-sign-in.sh" --name "$sign_in" --url "$(value AZFERRY_URL)" ${person:+--owner "$person"} ${what_if:+"$what_if"} >/dev/null
}

postdown() {
  roles="$(value AZFERRY_ROLES)"
  if [ -z "$roles" ]; then
    say "Nothing is known of this environment's roles: docs/deploy.md says how to find them."
    return
  fi
  groups="$(value AZFERRY_VAULT_GROUPS),$(value AZFERRY_DISCOVERY_GROUPS),$(value AZFERRY_TARGET_GROUPS),$(value AZFERRY_NETWORK_GROUPS),$(value AZFERRY_CACHE_GROUPS)"
  subscriptions="$(printf '%s,/subscriptions/%s/' "$groups" "$(value AZURE_SUBSCRIPTION_ID)" | tr ',' '\n' | sed -n 's#^ */[sS]ubscriptions/\([^/]*\)/.*#\1#p' | sort -u)"
  missed=''
  for subscription in $subscriptions; do
    if ! given="$(az role assignment list --all --subscription "$subscription" --query "[?contains(roleDefinitionName, '($roles)')].id" --output tsv)"; then
      missed="$missed $subscription"
      continue
    fi
    if [ -n "$given" ]; then
      say "Taking back what the roles ($roles) were given in $subscription"
      # shellcheck disable=SC2086 # one word each
      change az role assignment delete --ids $given || missed="$missed $subscription"
    fi
  done
  if [ -n "$missed" ]; then
    say "What was given could not be taken back in subscription$missed: sign in with the right to do so (az login), then"
    say "infra/hooks.sh postdown again. The roles stay until then."
    return 1
  fi
  az role definition list --custom-role-only true --query "[?contains(roleName, '($roles)')].name" --output tsv | while read -r role; do
    change az role definition delete --custom-role-only true --name "$role"
  done
  say "What stays: the registration $sign_in in Entra, groups of targets, networks, caches and vaults, and what lies in them."
}

"$step"
