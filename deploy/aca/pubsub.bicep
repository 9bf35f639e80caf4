// components/pubsub.yaml in Container Apps' schema; a test holds the two together.
param environmentName string
param redisName string

resource environment 'Microsoft.App/managedEnvironments@2024-10-02-preview' existing = {
  name: environmentName
}

resource redis 'Microsoft.Cache/redisEnterprise@2025-04-01' existing = {
  name: redisName

  resource database 'databases' existing = {
    name: 'default'
  }
}

resource pubsub 'Microsoft.App/managedEnvironments/daprComponents@2024-10-02-preview' = {
  parent: environment
  name: 'pubsub'
  properties: {
    componentType: 'pubsub.redis'
    version: 'v1'
    ignoreErrors: false
    secrets: [{ name: 'redis-password', value: redis::database.listKeys().primaryKey }]
    metadata: [
      { name: 'redisHost', value: '${redis.properties.hostName}:10000' }
      { name: 'redisPassword', secretRef: 'redis-password' }
      { name: 'enableTLS', value: 'true' }
      { name: 'concurrency', value: '16' }
      { name: 'processingTimeout', value: '30s' }
      { name: 'redeliverInterval', value: '5000' }
      { name: 'maxLenApprox', value: '10000' }
      { name: 'poolSize', value: '32' }
      { name: 'allowedTopics', value: 'workspace-events,workspace-events-dead' }
      { name: 'protectedTopics', value: 'workspace-events,workspace-events-dead' }
      { name: 'publishingScopes', value: 'api=workspace-events;push=workspace-events-dead' }
      { name: 'subscriptionScopes', value: 'api=;push=workspace-events,workspace-events-dead' }
    ]
    scopes: ['api', 'push']
  }

  // components/resiliency.yaml likewise.
  resource resiliency 'resiliencyPolicies' = {
    name: 'pubsub-resiliency'
    properties: {
      inboundPolicy: {
        httpRetryPolicy: { maxRetries: 8, retryBackOff: { initialDelayInMilliseconds: 500, maxIntervalInMilliseconds: 500 } }
      }
      outboundPolicy: {
        timeoutPolicy: { responseTimeoutInSeconds: 3 }
        httpRetryPolicy: { maxRetries: 2, retryBackOff: { initialDelayInMilliseconds: 200, maxIntervalInMilliseconds: 200 } }
        circuitBreakerPolicy: { consecutiveErrors: 5, timeoutInSeconds: 2 }
      }
    }
  }
}
