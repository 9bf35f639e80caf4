// One service as a container app with its Dapr sidecar.
param name string
param location string
param tags object
param exists bool
param environmentName string
param identityId string
param registry string
param redisName string
param minReplicas int
param maxReplicas int
param scaleRules array
param env array

@description('As { items: [{ name, value }] }: only a string or an object can be secure, not an array.')
@secure()
param secrets object

resource environment 'Microsoft.App/managedEnvironments@2024-10-02-preview' existing = {
  name: environmentName
}

resource redis 'Microsoft.Cache/redisEnterprise@2025-04-01' existing = {
  name: redisName

  resource database 'databases' existing = {
    name: 'default'
  }
}

// An app that exists keeps its image; a new one starts from a placeholder until `azd deploy` brings ours, and changes nothing else: the
// placeholder must listen where ours does. It answers no health route of ours: until the next `azd provision` the platform only looks at the port.
resource current 'Microsoft.App/containerApps@2024-10-02-preview' existing = if (exists) {
  name: name
}

resource app 'Microsoft.App/containerApps@2024-10-02-preview' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': name })
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    environmentId: environment.id
    configuration: {
      activeRevisionsMode: 'Single'
      // No sticky sessions: every instance can go on with every client.
      ingress: { external: true, targetPort: 8080, transport: 'auto', allowInsecure: false }
      registries: [{ server: registry, identity: identityId }]
      // The sidecar calls a port that the ingress does not lead to: Container Apps offers no app API token.
      dapr: { enabled: true, appId: name, appPort: 8081, appProtocol: 'http' }
      secrets: concat(secrets.items, [
        { name: 'redis', value: '${redis.properties.hostName}:10000,password=${redis::database.listKeys().primaryKey},ssl=true,abortConnect=false' }
      ])
    }
    template: {
      // Longer than the service's own drain, so that it is not cut short.
      terminationGracePeriodSeconds: 60
      scale: { minReplicas: minReplicas, maxReplicas: maxReplicas, rules: scaleRules }
      containers: [
        {
          name: name
          image: exists ? current!.properties.template.containers[0].image : 'mcr.microsoft.com/dotnet/samples:aspnetapp'
          resources: { cpu: json('1.0'), memory: '2Gi' }
          env: concat(env, [
            { name: 'ASPNETCORE_ENVIRONMENT', value: 'Production' }
            { name: 'HTTP_PORTS', value: '8080;8081' }
            { name: 'DaprAppPort', value: '8081' }
            { name: 'OTEL_SERVICE_NAME', value: name }
            { name: 'ConnectionStrings__redis', secretRef: 'redis' }
          ])
          probes: exists ? [
            { type: 'Startup', httpGet: { path: '/alive', port: 8080 }, periodSeconds: 2, failureThreshold: 60 }
            { type: 'Liveness', httpGet: { path: '/alive', port: 8080 }, periodSeconds: 10, failureThreshold: 3 }
            { type: 'Readiness', httpGet: { path: '/health', port: 8080 }, periodSeconds: 5, failureThreshold: 2 }
          ] : []
        }
      ]
    }
  }
}
