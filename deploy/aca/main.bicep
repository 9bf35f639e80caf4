targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the environment; every resource is named after it.')
param environmentName string

@description('Location of all resources.')
param location string

@secure()
@minLength(16)
@description('Password of the PostgreSQL administrator.')
param postgresPassword string

@secure()
@minLength(32)
@description('Credential of Push towards Api.')
param serviceKey string

@secure()
@description('A second service key that Api accepts while keys rotate; empty otherwise.')
param serviceKeyPrevious string = ''

@secure()
@minLength(32)
@description('Secret under which the signing keys are encrypted in the database. Another one means a new signing key at once; sessions stay.')
param keyEncryptionSecret string

@description('Whether the container apps exist already: then their images are kept when the infrastructure is updated.')
param apiExists bool = false
param pushExists bool = false

var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module resources 'resources.bicep' = {
  name: 'resources'
  scope: group
  params: {
    location: location
    tags: tags
    token: toLower(uniqueString(subscription().id, environmentName, location))
    postgresPassword: postgresPassword
    serviceKey: serviceKey
    serviceKeyPrevious: serviceKeyPrevious
    keyEncryptionSecret: keyEncryptionSecret
    apiExists: apiExists
    pushExists: pushExists
  }
}

output AZURE_CONTAINER_REGISTRY_ENDPOINT string = resources.outputs.registry
output TASKFLOW_WEB_URL string = resources.outputs.apiUrl
output TASKFLOW_PUSH_URL string = resources.outputs.pushUrl
