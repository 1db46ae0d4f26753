#!/usr/bin/env bash
# Makes the Entra app registration whose tokens AWS accepts, and prints its app id URI. Run it as often as you like.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: register-app.sh [--name NAME] [--what-if]

Makes (or finds) an app registration that stands for AWS: the managed identity of azferry asks for a token with it as
the audience. It has no secret, no permission and no sign-in. Needs `az login` with the right to register apps.

  --name NAME   display name of the registration (default: azferry-aws)
  --what-if     say what would be changed, change nothing
TEXT
}

name=azferry-aws what_if=''
while [ $# -gt 0 ]; do
  case "$1" in
    --name) name="${2:?--name needs a value}"; shift 2 ;;
    --what-if) what_if=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

say() { printf '%s\n' "$*" >&2; }
# Whatever changes something goes through here.
change() {
  if [ -n "$what_if" ]; then
    say "would run: $*"
  else
    "$@"
  fi
}

command -v az >/dev/null || { say "The Azure CLI (az) is needed: https://aka.ms/azure-cli"; exit 1; }
tenant="$(az account show --query tenantId --output tsv)"

find_app() { az ad app list --display-name "$name" --query "[?displayName=='$name'].appId" --output tsv; }

app="$(find_app)"
if [ "$(printf '%s\n' "$app" | grep -c .)" -gt 1 ]; then
  say "More than one app registration is called $name; give another name with --name."
  exit 1
fi
if [ -z "$app" ]; then
  say "Registering $name"
  app="$(change az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)"
fi
if [ -z "$app" ]; then # --what-if, and there is none
  say "and then: its app id URI, tokens of version 1, its service principal"
  exit 0
fi

# The app's own id in the URI: tenants may forbid names that they have not verified.
audience="api://$app"
uris="$(az ad app show --id "$app" --query "identifierUris[]" --output tsv)"
if ! printf '%s\n' "$uris" | grep -qxF "$audience"; then
  say "Setting the app id URI $audience"
  change az ad app update --id "$app" --identifier-uris "$audience"
fi

# Version 1: the role in AWS trusts the issuer of such tokens, https://sts.windows.net/TENANT/.
change az rest --method PATCH --url "https://graph.microsoft.com/v1.0/applications(appId='$app')" \
  --headers Content-Type=application/json --body '{"api": {"requestedAccessTokenVersion": 1}}' --output none

# Tokens are issued only for an app that has a service principal in the tenant.
if ! az ad sp show --id "$app" --query id --output tsv >/dev/null 2>&1; then
  say "Making its service principal"
  change az ad sp create --id "$app" --output none
fi

say "Done. Tell the app: azd env set AZFERRY_AWS_FEDERATION_AUDIENCE $audience"
printf 'TENANT_ID=%s\nAUDIENCE=%s\n' "$tenant" "$audience"
