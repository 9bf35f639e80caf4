// Everything in the resource group: registry, logs, database, Redis, the Container Apps environment with its Dapr component, the two apps.
param location string
param tags object
@minLength(13)
param token string
param apiExists bool
param pushExists bool

@secure()
param postgresPassword string
@secure()
param serviceKey string
@secure()
param serviceKeyPrevious string
@secure()
param keyEncryptionSecret string

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'cr${token}'
  location: location
  tags: tags
  sku: { name: 'Basic' }
  properties: { adminUserEnabled: false }
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}'
  location: location
  tags: tags
}

var acrPull = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identity.id, acrPull)
  scope: registry
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: acrPull
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: { retentionInDays: 30, sku: { name: 'PerGB2018' } }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: logs.id }
}

module data 'data.bicep' = {
  name: 'data'
  params: { location: location, tags: tags, token: token, postgresPassword: postgresPassword }
}

resource environment 'Microsoft.App/managedEnvironments@2024-10-02-preview' = {
  name: 'cae-${token}'
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: { customerId: logs.properties.customerId, sharedKey: logs.listKeys().primarySharedKey }
    }
    // The managed OpenTelemetry agent sets OTEL_EXPORTER_OTLP_ENDPOINT on the apps; it takes no metrics to Application Insights.
    appInsightsConfiguration: { connectionString: insights.properties.ConnectionString }
    openTelemetryConfiguration: {
      tracesConfiguration: { destinations: ['appInsights'] }
      logsConfiguration: { destinations: ['appInsights'] }
    }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

module pubsub 'pubsub.bicep' = {
  name: 'pubsub'
  params: { environmentName: environment.name, redisName: data.outputs.redisName }
}

module api 'app.bicep' = {
  name: 'api'
  dependsOn: [pull, pubsub]
  params: {
    name: 'api'
    location: location
    tags: tags
    exists: apiExists
    environmentName: environment.name
    identityId: identity.id
    registry: registry.properties.loginServer
    redisName: data.outputs.redisName
    minReplicas: 2
    maxReplicas: 10
    scaleRules: [{ name: 'http', http: { metadata: { concurrentRequests: '100' } } }]
    secrets: {
      items: [
        { name: 'taskflow-database', value: data.outputs.postgresConnectionString }
        { name: 'service-key', value: serviceKey }
        { name: 'service-key-previous', value: empty(serviceKeyPrevious) ? serviceKey : serviceKeyPrevious }
        { name: 'key-encryption-secret', value: keyEncryptionSecret }
      ]
    }
    env: [
      { name: 'ConnectionStrings__taskflow', secretRef: 'taskflow-database' }
      { name: 'ServiceKey', secretRef: 'service-key' }
      { name: 'ServiceKeyPrevious', secretRef: 'service-key-previous' }
      { name: 'KeyEncryptionSecret', secretRef: 'key-encryption-secret' }
      { name: 'PublicUrls__Push', value: 'https://push.${environment.properties.defaultDomain}' }
      { name: 'PublicUrls__Web', value: 'https://api.${environment.properties.defaultDomain}' }
      // The ingress comes from the platform's own range; without it all callers would look like one address to the rate limits.
      { name: 'ForwardedHeaders__KnownProxies', value: '100.64.0.0/10,10.0.0.0/8' }
    ]
  }
}

module push 'app.bicep' = {
  name: 'push'
  dependsOn: [pull, pubsub]
  params: {
    name: 'push'
    location: location
    tags: tags
    exists: pushExists
    environmentName: environment.name
    identityId: identity.id
    registry: registry.properties.loginServer
    redisName: data.outputs.redisName
    minReplicas: 2
    maxReplicas: 10
    // A WebSocket counts as one request when it opens and as none afterwards, so the HTTP rule cannot see connections. Memory follows them.
    scaleRules: [
      { name: 'memory', custom: { type: 'memory', metadata: { type: 'Utilization', value: '70' } } }
      { name: 'cpu', custom: { type: 'cpu', metadata: { type: 'Utilization', value: '60' } } }
    ]
    secrets: { items: [{ name: 'service-key', value: serviceKey }] }
    env: [
      { name: 'ServiceKey', secretRef: 'service-key' }
      { name: 'services__api__https__0', value: 'https://api.${environment.properties.defaultDomain}' }
      { name: 'PublicUrls__Web', value: 'https://api.${environment.properties.defaultDomain}' }
    ]
  }
}

output registry string = registry.properties.loginServer
output apiUrl string = 'https://api.${environment.properties.defaultDomain}'
output pushUrl string = 'https://push.${environment.properties.defaultDomain}'
