#!/usr/bin/env bash
# Builds the images and starts TaskFlow on this Docker host, or brings it up to date. Settings stand in deploy/compose/.env, made at the first start:
#   deploy/compose/up.sh tasks.example.org
# Teardown: docker compose -f deploy/compose/compose.yaml down   (add --volumes to lose the data)
set -euo pipefail
cd "$(dirname "$0")/../.."
for tool in docker dotnet npm openssl; do command -v "$tool" >/dev/null || { echo "$tool is needed and not on PATH"; exit 1; }; done
settings=deploy/compose/.env
if [ ! -f "$settings" ]; then
  [ $# -eq 1 ] || { sed -n '2,4p' "$0" | cut -c3-; exit 2; }
  umask 077
  {
    echo "TASKFLOW_DOMAIN=$1"
    for name in POSTGRES_PASSWORD REDIS_PASSWORD SERVICE_KEY KEY_ENCRYPTION_SECRET DAPR_API_TOKEN APP_API_TOKEN; do echo "$name=$(openssl rand -hex 24)"; done
  } >"$settings"
  echo "generated the secrets in $settings: keep a copy of it"
fi
TASKFLOW_TAG=$(git rev-parse --short=12 HEAD)
export TASKFLOW_TAG
case $(uname -m) in aarch64 | arm64) platform=linux-arm64 ;; *) platform=linux-x64 ;; esac
for service in Api Push; do
  dotnet publish "TaskFlow.$service" -c Release -r "$platform" -t:PublishContainer -p:HostingEngine=Aspire -p:ContainerImageTag="$TASKFLOW_TAG"
done
compose=(docker compose -f deploy/compose/compose.yaml)
"${compose[@]}" up --detach --wait api api-dapr
# One after the other, so that clients of the first find the second.
for number in 1 2; do "${compose[@]}" up --detach --wait --no-deps "push-$number" "push-$number-dapr"; done
"${compose[@]}" up --detach --wait
