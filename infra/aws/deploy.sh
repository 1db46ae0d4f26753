#!/usr/bin/env bash
# Deploys role.yaml into the AWS account that the AWS CLI is signed in to, and prints the role's ARN. Run it as often as
# you like: what is there is updated, and a switch that is left out is taken back.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

usage() {
  cat <<'TEXT'
usage: deploy.sh --tenant ID --audience URI --principal ID --regions a,b [options]

  --tenant ID        Entra tenant, as register-app.sh prints it
  --audience URI     app id URI, as register-app.sh prints it
  --principal ID     object id of the app's identity: azd env get-value AZFERRY_IDENTITY_PRINCIPAL_ID
  --regions a,b      AWS regions that the role may work in
  --stack NAME       name of the stack (default: azferry)
  --any-machine      machines need no tag azferry:source=yes
  --no-launch        the app launches no appliance
  --appliance-role A role of the appliance's instance profile
  --terminate        the app may terminate machines after a second approval
  --keys a,b         ARNs of customer keys that the machines' disks are encrypted with
  --dry-run          print the AWS call, change nothing
TEXT
}

stack=azferry
tenant='' audience='' principal='' regions='' dry_run=''
# Every switch is passed at each run: the stack keeps the value of one that is not, also of one that was meant to be taken back.
tagged=true launch=true role='' terminate=false keys=''
while [ $# -gt 0 ]; do
  case "$1" in
    --tenant) tenant="${2:?}"; shift 2 ;;
    --audience) audience="${2:?}"; shift 2 ;;
    --principal) principal="${2:?}"; shift 2 ;;
    --regions) regions="${2:?}"; shift 2 ;;
    --stack) stack="${2:?}"; shift 2 ;;
    --any-machine) tagged=false; shift ;;
    --no-launch) launch=false; shift ;;
    --appliance-role) role="${2:?}"; shift 2 ;;
    --terminate) terminate=true; shift ;;
    --keys) keys="${2:?}"; shift 2 ;;
    --dry-run) dry_run=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
if [ -z "$tenant" ] || [ -z "$audience" ] || [ -z "$principal" ] || [ -z "$regions" ]; then
  usage >&2
  exit 2
fi

say() { printf '%s\n' "$*" >&2; }

provider_is_elsewhere() {
  # True when the account trusts the tenant already, but not through this stack.
  aws iam list-open-id-connect-providers --query 'OpenIDConnectProviderList[].Arn' --output text |
    tr '\t' '\n' | grep -qF "sts.windows.net/$tenant/" &&
    ! aws cloudformation describe-stack-resource --stack-name "$stack" --logical-resource-id Provider >/dev/null 2>&1
}

parameters=("TenantId=$tenant" "Audience=$audience" "PrincipalId=$principal" "Regions=$regions" "OnlyTagged=$tagged"
  "MayLaunchAppliance=$launch" "ApplianceRoleArn=$role" "MayTerminate=$terminate" "KmsKeyArns=$keys")
deploy=(aws cloudformation deploy --stack-name "$stack" --template-file "$here/role.yaml"
  --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset --tags app=azferry)

if [ -n "$dry_run" ]; then
  printf '%q ' "${deploy[@]}" --parameter-overrides "${parameters[@]}"
  printf '\n'
  exit 0
fi

command -v aws >/dev/null || { say "The AWS CLI (aws) is needed: https://aws.amazon.com/cli/"; exit 1; }
if provider_is_elsewhere; then
  say "This account trusts the tenant already; add $audience to its audiences if it is not there."
  parameters+=(MakeProvider=false)
else
  parameters+=(MakeProvider=true)
fi
"${deploy[@]}" --parameter-overrides "${parameters[@]}" >&2
aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue" --output text
