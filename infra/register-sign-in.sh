#!/usr/bin/env bash
# Makes the Entra app registration that people sign in to azferry with, and prints its client id. Run it as often as you
# like. No client secret is made: the app only checks tokens.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: register-sign-in.sh [--name NAME] [--url URL] [--owner OBJECT-ID] [--what-if]

  --name NAME   display name of the registration (default: azferry)
  --url URL     address of the app, once it is deployed: azd env get-value AZFERRY_URL
  --owner ID    object id of a person who gets the role azferry.owner, where nobody has a role yet
  --what-if     say what would be changed, change nothing
TEXT
}

name=azferry url='' owner='' what_if=''
while [ $# -gt 0 ]; do
  case "$1" in
    --name) name="${2:?--name needs a value}"; shift 2 ;;
    --url) url="${2:?--url needs a value}"; shift 2 ;;
    --owner) owner="${2:?--owner needs a value}"; shift 2 ;;
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

app="$(az ad app list --display-name "$name" --query "[?displayName=='$name'].appId" --output tsv)"
if [ "$(printf '%s\n' "$app" | grep -c .)" -gt 1 ]; then
  say "More than one app registration is called $name; give another name with --name."
  exit 1
fi
if [ -z "$app" ]; then
  say "Registering $name"
  app="$(change az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)"
fi
if [ -z "$app" ]; then # --what-if, and there is none
  say "and then: its address, its scope for tools, the roles azferry.reader, .operator, .approver and .owner, its service principal, sign-in for the assigned only"
  exit 0
fi
# What is there stays: another environment may share the registration, with an address of its own.
has() { printf '%s\n' "$1" | grep -qxF "$2"; }
uris="$(az ad app show --id "$app" --query "identifierUris[]" --output tsv)"
if ! has "$uris" "api://$app"; then
  # shellcheck disable=SC2086 # one word each
  change az ad app update --id "$app" --identifier-uris $uris "api://$app"
fi
change az ad app update --id "$app" --enable-id-token-issuance true
callback="${url%/}/.auth/login/aad/callback"
leads="$(az ad app show --id "$app" --query "web.redirectUris[]" --output tsv)"
if [ -n "$url" ] && ! has "$leads" "$callback"; then
  # shellcheck disable=SC2086 # one word each
  change az ad app update --id "$app" --web-redirect-uris $leads "$callback"
fi
# Tools get tokens as the Azure CLI does: one scope, for which nobody has to be asked again.
scope=6f1f7a52-3f0e-4d6c-9a5b-0c7d1f2e8b41 # any fixed id will do; it is the app's own
azure_cli=04b07795-8ddb-461a-bbee-02f9e1bf7b46
patch() {
  change az rest --method PATCH --url "https://graph.microsoft.com/v1.0/applications(appId='$app')" \
    --headers Content-Type=application/json --body "$1" --output none
}
patch "{\"api\": {\"requestedAccessTokenVersion\": 2, \"oauth2PermissionScopes\": [{\"id\": \"$scope\",
  \"value\": \"user_impersonation\", \"type\": \"User\", \"isEnabled\": true,
  \"adminConsentDisplayName\": \"Use azferry\", \"adminConsentDescription\": \"Use azferry as the person who signed in\"}]}}"
patch "{\"api\": {\"preAuthorizedApplications\": [{\"appId\": \"$azure_cli\", \"delegatedPermissionIds\": [\"$scope\"]}]}}"

# What people may do, each role on its own; whoever gets the owner's may do all of it. The ids are the app's own and fixed:
# run again, it changes nothing.
role() { # id, value, name, what it is for
  printf '{"id": "%s", "value": "%s", "displayName": "%s", "description": "%s", "isEnabled": true, "allowedMemberTypes": ["User", "Application"]}' "$@"
}
say "Making its roles"
patch "{\"appRoles\": [
  $(role 2f0a6d3c-7c1e-4b57-9a54-6f1c0f5d1a01 azferry.reader 'azferry reader' 'Look at migrations and their reports'),
  $(role 2f0a6d3c-7c1e-4b57-9a54-6f1c0f5d1a02 azferry.operator 'azferry operator' 'Start, pause, retry, cancel and roll back; confirm what was done by hand'),
  $(role 2f0a6d3c-7c1e-4b57-9a54-6f1c0f5d1a03 azferry.approver 'azferry approver' 'Approve tests, cutovers and acceptances; leave phases out; acknowledge concerns'),
  $(role 2f0a6d3c-7c1e-4b57-9a54-6f1c0f5d1a04 azferry.owner 'azferry owner' 'Everything, also registration keys and the end of sources')
]}"

if ! az ad sp show --id "$app" --query id --output tsv >/dev/null 2>&1; then
  say "Making its service principal"
  change az ad sp create --id "$app" --output none
fi
# Whoever is not assigned to the app in Entra cannot sign in.
change az ad sp update --id "$app" --set appRoleAssignmentRequired=true

principal="$(az ad sp show --id "$app" --query id --output tsv 2>/dev/null || true)"
assigned="https://graph.microsoft.com/v1.0/servicePrincipals/$principal/appRoleAssignedTo"
if [ -n "$owner" ] && [ -n "$principal" ] && [ -z "$(az rest --method GET --url "$assigned" --query 'value[].principalId' --output tsv)" ]; then
  say "Making $owner its owner: somebody has to be the first"
  change az rest --method POST --url "$assigned" --headers Content-Type=application/json --output none \
    --body "{\"principalId\": \"$owner\", \"resourceId\": \"$principal\", \"appRoleId\": \"2f0a6d3c-7c1e-4b57-9a54-6f1c0f5d1a04\"}"
fi

say "Give people their roles in Entra: Enterprise applications, $name, Users and groups."
say "Done. Tell the app: azd env set AZFERRY_AUTH_CLIENT_ID $app"
printf 'CLIENT_ID=%s\n' "$app"
