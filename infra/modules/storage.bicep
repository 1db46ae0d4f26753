// Storage of the Functions host and of the product: no keys; queues, tables and containers that the app expects.
@minLength(3)
param name string
param location string
param tags object

@allowed(['Standard_ZRS', 'Standard_LRS', 'Standard_GZRS', 'Standard_GRS'])
param redundancy string

@description('Whether it is reached by private endpoints only.')
param isPrivate bool

@description('Object id of the identity that reads and writes here.')
param principalId string

@minValue(1)
@maxValue(365)
@description('Days that a deleted blob can be brought back.')
param retentionDays int = 14

@minValue(0)
@maxValue(3650)
@description('Days for which nobody can change or delete what was written to the containers of plans and of backups; 0 = no such record.')
param evidenceDays int

@minValue(1)
@maxValue(3650)
@description('Days that a backup is kept.')
param backupDays int

@minValue(0)
@maxValue(3650)
@description('Days for which nobody can change or delete what was written to the container of the record of decisions; 0 = there is none.')
param recordDays int

var isRecord = evidenceDays > 0
var hasDecisions = recordDays > 0

// The names are those that shared/settings.py has as defaults; the app is told them as settings all the same.
var plans = 'azferry-plans'
var backups = 'azferry-backups'
var decisions = 'azferry-record'
var deployment = 'deployment'
var requests = 'migration-requests'
var notifications = 'azferry-notifications'
var prefix = 'azferry'

// Blob Data Owner: the Functions host takes leases and sets what it owns. The others read and write.
var roles = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
]

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: take(name, 24)
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: isPrivate ? 'None' : 'AzureServices'
      // Flex Consumption has no fixed outgoing addresses; the door is the identity, as no key opens this account.
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: isRecord
    deleteRetentionPolicy: { enabled: true, days: retentionDays }
    containerDeleteRetentionPolicy: { enabled: true, days: retentionDays }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [for each in [plans, backups, deployment]: {
  parent: blobs
  name: each
  properties: union({ publicAccess: 'None' }, isRecord && each != deployment ? { immutableStorageWithVersioning: { enabled: true } } : {})
}]

// Of versions, not of the container: the app writes some blobs anew, and each time the one before stays as it was.
resource record 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-08-01' = [for index in (isRecord ? [0, 1] : []): {
  parent: containers[index]
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: evidenceDays
    allowProtectedAppendWrites: false
  }
}]

resource decisionRecord 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = if (hasDecisions) {
  parent: blobs
  name: decisions
  properties: { publicAccess: 'None' }
}

// Of the container: whatever is in it stays as it is, and append blobs may still grow at their end. It can be had in an
// environment that is there already, and none of it goes by itself when the days are over.
resource decisionPolicy 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-08-01' = if (hasDecisions) {
  parent: decisionRecord
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: recordDays
    allowProtectedAppendWrites: true
  }
}

var oldBackups = {
  name: 'old-backups'
  type: 'Lifecycle'
  enabled: true
  definition: {
    filters: { blobTypes: ['blockBlob'], prefixMatch: ['${backups}/'] }
    actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: max(backupDays, evidenceDays) } } }
  }
}

var oldVersions = {
  name: 'old-versions'
  type: 'Lifecycle'
  enabled: true
  definition: {
    filters: { blobTypes: ['blockBlob'], prefixMatch: ['${plans}/', '${backups}/'] }
    actions: { version: { delete: { daysAfterCreationGreaterThan: evidenceDays } } }
  }
}

resource ageing 'Microsoft.Storage/storageAccounts/managementPolicies@2025-08-01' = {
  parent: account
  name: 'default'
  properties: { policy: { rules: isRecord ? [oldBackups, oldVersions] : [oldBackups] } }
  // versions have to be there first
  dependsOn: [blobs]
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-08-01' = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-08-01' = [for each in [requests, '${requests}-poison', notifications]: {
  parent: queueService
  name: each
}]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-08-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-08-01' = [for each in loadJsonContent('../tables.json'): {
  parent: tableService
  name: '${prefix}${each}'
}]

resource grants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in roles: {
  scope: account
  name: guid(account.id, principalId, role)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
output deploymentContainer string = deployment
output plansContainer string = plans
output backupContainer string = backups
output recordContainer string = hasDecisions ? decisions : ''
output queueName string = requests
output notificationsQueue string = notifications
output tablePrefix string = prefix
