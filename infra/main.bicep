// Everything that azferry is in Azure, and what its identity may do at the places that the parameters name.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the environment; it becomes part of the names of all resources.')
param environmentName string

@minLength(1)
@description('Region of the app. Flex Consumption must be offered there.')
param location string

@description('Resource group of the app; empty = named after the environment.')
param resourceGroupName string = ''

@description('Tags on everything.')
param tags object = {}

@description('Cost centre that everything is tagged with; empty = none.')
param costCenter string = ''

@description('Who gets a mail of alerts; empty = they are seen in the portal only.')
param alertEmail string = ''

@minValue(1)
@maxValue(720)
@description('Hours that a gate may wait before an alert.')
param alertGateHours int = 24

@minValue(5)
@maxValue(1440)
@description('Minutes that a machine may serve nowhere before an alert.')
param alertOutageMinutes int = 240

@description('Recovery Services vault to make beside the app; empty = the plans name vaults that exist or are made by the app.')
param vaultName string = ''

@description('Region of that vault: the one that machines move to.')
param vaultLocation string = location

@description('Comma-separated ids of the resource groups that hold vaults.')
param vaultGroups string = ''

@description('Comma-separated ids of the resource groups where appliances were registered (Microsoft.OffAzure sites); empty = those of the vaults.')
param discoveryGroups string = ''

@description('Comma-separated ids of the resource groups that migrated machines go to; between Azure regions those of the source VMs too.')
param targetGroups string = ''

@description('Comma-separated ids of the resource groups of the networks that machines are attached to.')
param networkGroups string = ''

@description('Comma-separated ids of the resource groups of cache storage accounts.')
param cacheGroups string = ''

@description('Whether the app may make resource groups and vaults in the subscription of the app, for plans with `create: true`.')
param mayCreateGroups bool = false

@description('Client id of the Entra app that people sign in with; empty = function keys only, and nobody is named in the ledger.')
param authClientId string = ''

@description('App id URI whose token AWS accepts, as infra/aws/register-app.sh prints it; empty = no AWS.')
param awsFederationAudience string = ''

@description('Comma-separated AWS accounts that plans may name; empty = any whose role trusts the identity.')
param awsAccounts string = ''

@minValue(0)
@maxValue(3650)
@description('Days for which the histories of closed rounds, and assessments, are kept; 0 = for ever. The ledger stays.')
param keepHistories int = 30

@minValue(1)
@maxValue(100000)
@description('Machines in initial synchronisation at once, over all plans.')
param maxReplicating int = 500

@minValue(1)
@maxValue(100000)
@description('Machines in cutover at once, over all plans.')
param maxCuttingOver int = 100

@description('Channels by which people are told, by name and kind: `ops:webhook, night:email`; empty = nobody is told.')
param channels string = ''

@description('Comma-separated channels that are told of every migration.')
param tell string = ''

@description('What channels need, as `OPS_URL=https://…|OPS_KEY=@Microsoft.KeyVault(SecretUri=https://…)`: secrets as references to a key vault.')
param channelSettings string = ''

@description('Address of the page in messages; empty = the host name of the app.')
param pageAddress string = ''

@description('Comma-separated hosts that plans may name as receivers; empty = none.')
param webhookHosts string = ''

@description('Key Vault reference of the key that signs what goes to these.')
#disable-next-line secure-secrets-in-params // a reference, and no secret itself
param webhookKey string = ''

@description('Whether receivers of channels may have private addresses.')
param privateReceivers bool = false

@description('Whether a topic of Event Grid is made that is told of every migration, as channel `grid`.')
param eventGridTopic bool = false

@description('Times in which no cutover of any plan begins: a JSON list of start, end, reason and timeZone')
param blackouts string = ''

@description('Subnet for outgoing traffic, delegated to Microsoft.App/environments; empty = none. Probes of private addresses need it.')
param virtualNetworkSubnetId string = ''

@description('Whether storage and app are reached by private endpoints only, in a network of their own.')
param privateNetwork bool = false

@description('Address space of that network, a /24 or larger; it overlaps with no network that is to be peered.')
param networkPrefix string = '10.90.0.0/24'

@minValue(40)
@maxValue(1000)
@description('Instances that Azure may run at once; Flex Consumption takes no fewer than 40.')
param maximumInstanceCount int = 40

@minValue(0)
@maxValue(40)
@description('Instances of the durable functions that are kept warm.')
param alwaysReadyInstances int = 1

@allowed(['Standard_ZRS', 'Standard_LRS', 'Standard_GZRS', 'Standard_GRS'])
@description('Redundancy of the storage account; regions without zones have no Standard_ZRS.')
param storageRedundancy string = 'Standard_ZRS'

@minValue(0)
@maxValue(3650)
@description('Days for which nobody can change or delete the plans and facts that were written; 0 = no such record. Only for a new environment.')
param evidenceDays int = 0

@minValue(0)
@maxValue(168)
@description('Hours between two backups of tables and blobs; 0 = none.')
param backupHours int = 6

@minValue(1)
@maxValue(3650)
@description('Days that a backup is kept.')
param backupDays int = 35

@minValue(0)
@maxValue(3650)
@description('Days for which nobody can change or delete an entry of the record of decisions, or a kept evidence pack; 0 = no record is kept.')
param recordDays int = 0

@allowed(['azureStorage', 'durableTaskScheduler'])
@description('Engine of orchestrations: the storage account, or Azure\'s managed scheduler where that is outgrown.')
param backend string = 'azureStorage'

@allowed(['Consumption', 'Dedicated'])
@description('How the managed scheduler is paid: by what runs, or by units of its own.')
param schedulerPlan string = 'Consumption'

var abbreviations = loadJsonContent('abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var costTags = empty(costCenter) ? {} : { 'cost-center': costCenter }
var allTags = union(tags, costTags, { application: 'azferry', 'azd-env-name': environmentName })

// each pair is cut at its first sign of equality: addresses and references have more of them
var pairs = filter(split(channelSettings, '|'), each => contains(each, '='))
var ofChannels = toObject(pairs, each => 'AZFERRY_CHANNEL_${trim(substring(each, 0, indexOf(each, '=')))}', each => trim(substring(each, indexOf(each, '=') + 1)))
var gridChannel = eventGridTopic ? ['grid:event-grid'] : []
var ofGrid = eventGridTopic ? { AZFERRY_CHANNEL_GRID_URL: topic!.outputs.endpoint } : {}
var gridTold = eventGridTopic ? ['grid'] : []

var isScheduled = backend == 'durableTaskScheduler'

// one or the other: a subnet of somebody else's network finds no private endpoint of this one
var givenSubnetId = privateNetwork && !empty(virtualNetworkSubnetId) ? fail('AZFERRY_PRIVATE makes a subnet of its own: leave AZFERRY_SUBNET_ID empty') : virtualNetworkSubnetId

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: empty(resourceGroupName) ? '${abbreviations.resourcesResourceGroups}${environmentName}' : resourceGroupName
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: '${abbreviations.managedIdentityUserAssignedIdentities}azferry-${token}'
    location: location
    tags: allTags
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: '${abbreviations.storageStorageAccounts}azferry${token}'
    location: location
    tags: allTags
    redundancy: storageRedundancy
    isPrivate: privateNetwork
    evidenceDays: evidenceDays
    backupDays: backupDays
    recordDays: recordDays
    principalId: identity.outputs.principalId
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'azferry-${token}'
    location: location
    tags: allTags
    prefix: networkPrefix
  }
}

module storageEndpoints 'modules/private-endpoint.bicep' = [for service in (privateNetwork ? ['blob', 'queue', 'table'] : []): {
  scope: group
  params: {
    name: '${abbreviations.networkPrivateEndpoints}azferry-${token}-${service}'
    location: location
    tags: allTags
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
    resourceId: storage.outputs.id
    service: service
    zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
  }
}]

module scheduler 'modules/scheduler.bicep' = if (isScheduled) {
  scope: group
  params: {
    name: '${abbreviations.durableTaskSchedulers}azferry-${token}'
    location: location
    tags: allTags
    plan: schedulerPlan
    isPrivate: privateNetwork
    principalId: identity.outputs.principalId
  }
}

module schedulerEndpoint 'modules/private-endpoint.bicep' = if (isScheduled && privateNetwork) {
  scope: group
  params: {
    name: '${abbreviations.networkPrivateEndpoints}azferry-${token}-scheduler'
    location: location
    tags: allTags
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
    resourceId: scheduler!.outputs.id
    service: 'scheduler'
    zoneName: 'privatelink.durabletask.io'
  }
}

module appEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: '${abbreviations.networkPrivateEndpoints}azferry-${token}-sites'
    location: location
    tags: allTags
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
    resourceId: app.outputs.id
    service: 'sites'
    zoneName: 'privatelink.azurewebsites.net'
  }
}

module topic 'modules/event-grid.bicep' = if (eventGridTopic) {
  scope: group
  params: {
    name: '${abbreviations.eventGridTopics}azferry-${token}'
    location: location
    tags: allTags
    principalId: identity.outputs.principalId
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    componentName: '${abbreviations.insightsComponents}azferry-${token}'
    workspaceName: '${abbreviations.operationalInsightsWorkspaces}azferry-${token}'
    location: location
    tags: allTags
    principalId: identity.outputs.principalId
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    componentId: monitoring.outputs.id
    email: alertEmail
    gateHours: alertGateHours
    outageMinutes: alertOutageMinutes
  }
}

module vault 'modules/vault.bicep' = if (!empty(vaultName)) {
  scope: group
  params: {
    name: empty(vaultName) ? '${abbreviations.recoveryServicesVaults}azferry-${token}' : vaultName
    location: vaultLocation
    tags: allTags
  }
}

// the vault that is made beside the app is one of them
var allVaultGroups = empty(vaultName) ? vaultGroups : '${vaultGroups},${group.id}'
var grantedGroups = { vault: allVaultGroups, discovery: discoveryGroups, target: targetGroups, network: networkGroups, cache: cacheGroups }

module permissions 'modules/permissions.bicep' = {
  params: {
    token: token
    principalId: identity.outputs.principalId
    vaultGroups: allVaultGroups
    discoveryGroups: discoveryGroups
    targetGroups: targetGroups
    networkGroups: networkGroups
    cacheGroups: cacheGroups
    mayCreateGroups: mayCreateGroups
  }
}

module app 'modules/function-app.bicep' = {
  scope: group
  params: {
    name: '${abbreviations.webSitesFunctions}azferry-${token}'
    planName: '${abbreviations.webServerFarms}azferry-${token}'
    location: location
    tags: allTags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    blobEndpoint: storage.outputs.blobEndpoint
    deploymentContainer: storage.outputs.deploymentContainer
    plansContainer: storage.outputs.plansContainer
    backupContainer: storage.outputs.backupContainer
    backupHours: string(backupHours)
    recordContainer: storage.outputs.recordContainer
    queueName: storage.outputs.queueName
    tablePrefix: storage.outputs.tablePrefix
    insightsConnectionString: monitoring.outputs.connectionString
    authClientId: authClientId
    awsFederationAudience: awsFederationAudience
    awsAccounts: awsAccounts
    keepHistories: string(keepHistories)
    maxReplicating: string(maxReplicating)
    maxCuttingOver: string(maxCuttingOver)
    grantedGroups: grantedGroups
    mayCreateGroups: mayCreateGroups
    notificationsQueue: storage.outputs.notificationsQueue
    channels: join(concat(empty(channels) ? [] : [channels], gridChannel), ', ')
    tell: join(concat(empty(tell) ? [] : [tell], gridTold), ', ')
    pageAddress: pageAddress
    webhookHosts: webhookHosts
    webhookKey: webhookKey
    privateReceivers: privateReceivers
    channelSettings: union(ofChannels, ofGrid)
    blackouts: blackouts
    isScheduled: isScheduled
    schedulerEndpoint: isScheduled ? scheduler!.outputs.endpoint : ''
    virtualNetworkSubnetId: empty(givenSubnetId) && privateNetwork ? network!.outputs.appSubnetId : givenSubnetId
    isPrivate: privateNetwork
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
  }
  // the host starts with the app and has to find its storage
  dependsOn: [storageEndpoints, schedulerEndpoint]
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZFERRY_FUNCTION_APP string = app.outputs.name
output AZFERRY_URL string = app.outputs.url
output AZFERRY_STORAGE_ACCOUNT string = storage.outputs.name
output AZFERRY_IDENTITY_CLIENT_ID string = identity.outputs.clientId
output AZFERRY_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output AZFERRY_APPLICATION_INSIGHTS string = monitoring.outputs.name
output AZFERRY_VAULT_ID string = empty(vaultName) ? '' : vault!.outputs.id
output AZFERRY_EVENT_GRID_TOPIC_ID string = eventGridTopic ? topic!.outputs.id : ''
output AZFERRY_NETWORK_ID string = privateNetwork ? network!.outputs.id : ''
output AZFERRY_OUTGOING_ADDRESS string = privateNetwork ? network!.outputs.address : ''
