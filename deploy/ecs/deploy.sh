#!/usr/bin/env bash
# Builds and pushes the images, then creates or updates the stack. One command, repeatable:
#   deploy/ecs/deploy.sh <account>.dkr.ecr.<region>.amazonaws.com <stack> VpcId=… PublicSubnets=…,… PrivateSubnets=…,… DomainName=… CertificateArn=…
# Teardown: deploy/ecs/teardown.sh <stack>
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,5p' "$0" | cut -c3-; exit 2; }
registry=$1 stack=$2
shift 2
cd "$(dirname "$0")/../.."
tag=$(git rev-parse --short=12 HEAD)
for tool in aws docker dotnet npm; do command -v "$tool" >/dev/null || { echo "$tool is needed and not on PATH"; exit 1; }; done
aws ecr get-login-password | docker login --username AWS --password-stdin "$registry"
for repository in taskflow-api taskflow-push taskflow-daprd; do
  aws ecr describe-repositories --repository-names "$repository" >/dev/null 2>&1 || aws ecr create-repository --repository-name "$repository" --image-scanning-configuration scanOnPush=true >/dev/null
done
for service in Api Push; do
  # Fargate runs x64 unless told otherwise, whatever this machine is.
  dotnet publish "TaskFlow.$service" -c Release -r linux-x64 -t:PublishContainer -p:HostingEngine=Aspire -p:ContainerRegistry="$registry" -p:ContainerImageTag="$tag"
done
docker build --platform linux/amd64 -f deploy/ecs/daprd/Dockerfile -t "$registry/taskflow-daprd:$tag" .
docker push "$registry/taskflow-daprd:$tag"
aws cloudformation deploy --stack-name "$stack" --template-file deploy/ecs/template.yaml --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset \
  --parameter-overrides "ApiImage=$registry/taskflow-api:$tag" "PushImage=$registry/taskflow-push:$tag" "DaprImage=$registry/taskflow-daprd:$tag" "$@"
aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Outputs' --output table
