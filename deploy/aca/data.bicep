// The truth (PostgreSQL, with backups and a standby) and the ephemeral (Redis).
param location string
param tags object
param token string

@secure()
param postgresPassword string

var administrator = 'taskflow'

resource postgres 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-${token}'
  location: location
  tags: tags
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }
  properties: {
    version: '17'
    administratorLogin: administrator
    administratorLoginPassword: postgresPassword
    storage: { storageSizeGB: 128, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: 'ZoneRedundant' }
  }

  resource database 'databases' = {
    name: 'taskflow'
  }

  // Container Apps without a network of their own reach the server through Azure's.
  resource fromAzure 'firewallRules' = {
    name: 'azure'
    properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
  }
}

resource redis 'Microsoft.Cache/redisEnterprise@2025-04-01' = {
  name: 'redis-${token}'
  location: location
  tags: tags
  sku: { name: 'Balanced_B1' }
  properties: { highAvailability: 'Enabled', minimumTlsVersion: '1.2' }
}

resource redisDatabase 'Microsoft.Cache/redisEnterprise/databases@2025-04-01' = {
  parent: redis
  name: 'default'
  properties: {
    // One endpoint that hides the shards: presence scripts and plain pub/sub work unchanged.
    clusteringPolicy: 'EnterpriseCluster'
    clientProtocol: 'Encrypted'
    evictionPolicy: 'VolatileTTL'
    accessKeysAuthentication: 'Enabled'
    port: 10000
  }
}

@secure()
output postgresConnectionString string = 'Host=${postgres.properties.fullyQualifiedDomainName};Port=5432;Username=${administrator};Password=${postgresPassword};Database=taskflow;SSL Mode=VerifyFull'
output redisName string = redis.name
