#!/usr/bin/env bash
# Deletes the stack. The database leaves a final snapshot and the key encryption secret stays, so that the data can be brought back.
set -euo pipefail
[ $# = 1 ] || { echo "usage: $0 <stack>"; exit 2; }
database=$(aws cloudformation describe-stack-resource --stack-name "$1" --logical-resource-id Database --query StackResourceDetail.PhysicalResourceId --output text)
aws rds modify-db-instance --db-instance-identifier "$database" --no-deletion-protection --apply-immediately >/dev/null
aws cloudformation delete-stack --stack-name "$1"
aws cloudformation wait stack-delete-complete --stack-name "$1"
