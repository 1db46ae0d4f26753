// What the app's identity may do in Azure: custom roles of exactly the actions in ../roles, granted where parameters say.
targetScope = 'subscription'

param token string
param principalId string

// Each is a list of resource group ids, parted by commas.
param vaultGroups string
param discoveryGroups string
param targetGroups string
param networkGroups string
param cacheGroups string
param mayCreateGroups bool

// Each id once, in small letters; what is no id of a resource group stops the deployment and is named in its error.
func groups(said string) string[] => union(map(filter(map(split(said, ','), each => toLower(trim(each))), each => !empty(each)), each => length(split(each, '/')) == 5 && startsWith(each, '/subscriptions/') ? each : fail('not the id of a resource group: ${each}')), [])

var vaults = groups(vaultGroups)
var discoveries = groups(discoveryGroups)
var targets = groups(targetGroups)
var networks = groups(networkGroups)
var caches = groups(cacheGroups)

var everywhere = concat(vaults, discoveries, targets, networks, caches)
var subscriptionIds = union([subscription().subscriptionId], map(everywhere, each => split(each, '/')[2]))

var vaultRole = loadJsonContent('../roles/vault.json')
var discoveryRole = loadJsonContent('../roles/discovery.json')
var targetRole = loadJsonContent('../roles/target.json')
var networkRole = loadJsonContent('../roles/network.json')
var cacheRole = loadJsonContent('../roles/cache.json')
var subscriptionRole = loadJsonContent('../roles/subscription.json')
var makerRole = loadJsonContent('../roles/maker.json')
var roles = [vaultRole, discoveryRole, targetRole, networkRole, cacheRole, subscriptionRole, makerRole]

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [for role in roles: {
  name: guid(subscription().id, token, role.name)
  properties: {
    // role names are unique in a tenant
    roleName: '${role.name} (${token})'
    description: role.description
    type: 'CustomRole'
    assignableScopes: map(subscriptionIds, each => '/subscriptions/${each}')
    permissions: [{ actions: role.actions, notActions: role.notActions, dataActions: [], notDataActions: [] }]
  }
}]

module atVaults 'grant-in-group.bicep' = [for (id, index) in vaults: {
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: { principalId: principalId, role: definitions[0].name }
}]

module atDiscoveries 'grant-in-group.bicep' = [for (id, index) in (empty(discoveries) ? vaults : discoveries): {
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: { principalId: principalId, role: definitions[1].name }
}]

module atTargets 'grant-in-group.bicep' = [for (id, index) in targets: {
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: { principalId: principalId, role: definitions[2].name }
}]

module atNetworks 'grant-in-group.bicep' = [for (id, index) in networks: {
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: { principalId: principalId, role: definitions[3].name }
}]

module atCaches 'grant-in-group.bicep' = [for (id, index) in caches: {
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
  params: { principalId: principalId, role: definitions[4].name }
}]

module atSubscriptions 'grant-in-subscription.bicep' = [for id in subscriptionIds: {
  scope: subscription(id)
  params: { principalId: principalId, role: definitions[5].name }
}]

// In a group that the app makes itself it has to have the vault's role too, so both hold for the subscription.
module asMaker 'grant-in-subscription.bicep' = [for index in (mayCreateGroups ? [0, 1, 6] : []): {
  params: { principalId: principalId, role: definitions[index].name }
}]
