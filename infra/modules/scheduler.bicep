// The Durable Task Scheduler: Azure's managed engine of orchestrations, in place of queues and tables of the storage account.
param name string
param location string
param tags object

@allowed(['Consumption', 'Dedicated'])
param plan string

@description('Whether it is reached by a private endpoint only.')
param isPrivate bool

@description('Object id of the identity that runs orchestrations in it.')
param principalId string

var hubName = 'azferry' // as in host.json
var dataContributor = '0ad04412-c4d5-4796-b79c-f76d14c8d402' // Durable Task Data Contributor

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: { name: plan }
    // an empty list lets nobody in; the door is the identity, as there are no keys
    ipAllowlist: isPrivate ? [] : ['0.0.0.0/0']
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }
}

resource hub 'Microsoft.DurableTask/schedulers/taskHubs@2026-02-01' = {
  parent: scheduler
  name: hubName
}

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: scheduler
  name: guid(scheduler.id, principalId, dataContributor)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataContributor)
  }
}

output id string = scheduler.id
output endpoint string = scheduler.properties.endpoint
