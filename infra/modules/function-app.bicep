// The function app on Flex Consumption: its plan, its settings, its sign-in. No key and no secret stands in here.
param name string
param planName string
param location string
param tags object
param identityId string
param identityClientId string
param storageAccountName string
param blobEndpoint string
param deploymentContainer string
param plansContainer string
param backupContainer string
param backupHours string

@description('Container of the record of decisions; empty = none is kept.')
param recordContainer string
param queueName string
param tablePrefix string
param insightsConnectionString string
param authClientId string
param awsFederationAudience string
param awsAccounts string
param keepHistories string
param maxReplicating string
param maxCuttingOver string
param notificationsQueue string
param channels string
param tell string
param pageAddress string
param webhookHosts string
param privateReceivers bool

@description('Key Vault reference of the key that signs what goes to addresses of plans.')
#disable-next-line secure-secrets-in-params // a reference, and no secret itself
param webhookKey string

@description('Further settings of channels, by their names.')
param channelSettings object
param blackouts string

@description('Where rights are granted (vault, discovery, target, network and cache groups): the app compares what it really has there.')
param grantedGroups object
param mayCreateGroups bool

@description('Whether orchestrations are kept by the managed scheduler at this address; else in the storage account.')
param isScheduled bool
param schedulerEndpoint string
param virtualNetworkSubnetId string
param isPrivate bool
param maximumInstanceCount int
param alwaysReadyInstances int

@allowed([2048, 4096])
@description('Memory of an instance; its share of a CPU grows with it.')
param instanceMemoryMB int = 2048

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  // azd finds the service of azure.yaml by this tag
  tags: union(tags, { 'azd-service-name': 'azferry' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // Key Vault references are read as the app's own identity
    keyVaultReferenceIdentity: identityId
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    virtualNetworkSubnetId: empty(virtualNetworkSubnetId) ? null : virtualNetworkSubnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      // Flex Consumption has no FTP and refuses settings of it (ftpsState), as it does linuxFxVersion.
      http20Enabled: true
      remoteDebuggingEnabled: false
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}${deploymentContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'durable', instanceCount: alwaysReadyInstances }] : []
      }
      runtime: { name: 'python', version: '3.13' }
    }
  }
}

// Neither a worker runtime nor a connection string: Flex Consumption refuses the one, the identity replaces the other.
resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  // what channels need stands over none of these
  properties: union(channelSettings, {
    AzureWebJobsStorage__accountName: storageAccountName
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    // the product has a page of its own at /
    AzureWebJobsDisableHomepage: 'true'
    // the worker's own number is processors + 4: host.json's 16 activities and 8 orchestrators at once would queue for 5 or 6
    PYTHON_THREADPOOL_THREAD_COUNT: '32'
    // threads that share two heaps leave less unused in each: a quarter of what a host at work held
    MALLOC_ARENA_MAX: '2'
    APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    AZFERRY_IDENTITY_CLIENT_ID: identityClientId
    AZFERRY_STORAGE_ACCOUNT: storageAccountName
    AZFERRY_TABLE_PREFIX: tablePrefix
    AZFERRY_PLANS_CONTAINER: plansContainer
    AZFERRY_BACKUP_CONTAINER: backupContainer
    AZFERRY_BACKUP_HOURS: backupHours
    AZFERRY_RECORD_CONTAINER: recordContainer
    AZFERRY_QUEUE: queueName
    // the headers that name people are believed only where the platform puts them on
    AZFERRY_SIGN_IN: empty(authClientId) ? 'false' : 'true'
    AZFERRY_AWS_FEDERATION_AUDIENCE: awsFederationAudience
    AZFERRY_AWS_ACCOUNTS: awsAccounts
    AZFERRY_KEEP_HISTORIES: keepHistories
    AZFERRY_MAX_REPLICATING: maxReplicating
    AZFERRY_MAX_CUTTING_OVER: maxCuttingOver
    AZFERRY_VAULT_GROUPS: grantedGroups.vault
    AZFERRY_DISCOVERY_GROUPS: grantedGroups.discovery
    AZFERRY_TARGET_GROUPS: grantedGroups.target
    AZFERRY_NETWORK_GROUPS: grantedGroups.network
    AZFERRY_CACHE_GROUPS: grantedGroups.cache
    AZFERRY_MAY_CREATE_GROUPS: string(mayCreateGroups)
    AZFERRY_NOTIFICATIONS_QUEUE: notificationsQueue
    AZFERRY_CHANNELS: channels
    AZFERRY_TELL: tell
    AZFERRY_ADDRESS: pageAddress
    AZFERRY_WEBHOOK_HOSTS: webhookHosts
    AZFERRY_WEBHOOK_KEY: webhookKey
    AZFERRY_PRIVATE_RECEIVERS: string(privateReceivers)
    AZFERRY_BLACKOUTS: blackouts
    // these stand over host.json, which says the same of the storage account
    AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: isScheduled ? 'azureManaged' : 'AzureStorage'
    AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: isScheduled ? 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING' : 'AzureWebJobsStorage'
    // an address and a name, no secret
    DURABLE_TASK_SCHEDULER_CONNECTION_STRING: isScheduled ? 'Endpoint=${schedulerEndpoint};Authentication=ManagedIdentity;ClientID=${identityClientId}' : ''
  })
  // not told to believe names before the platform vouches for them
  dependsOn: [signIn]
}

// People sign in with Entra; the app reads who they are from the header that this puts on. No client secret is needed.
// Always deployed: emptying the client id turns sign-in off, and does not leave it on with nobody named.
resource signIn 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: !empty(authClientId) }
    globalValidation: {
      requireAuthentication: !empty(authClientId)
      unauthenticatedClientAction: empty(authClientId) ? 'AllowAnonymous' : 'RedirectToLoginPage'
      redirectToProvider: 'azureactivedirectory'
      // no path is left out: functions ask for no key where people sign in, so nothing but this stands before them
      excludedPaths: []
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: !empty(authClientId)
        registration: {
          clientId: authClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: { allowedAudiences: empty(authClientId) ? [] : [authClientId, 'api://${authClientId}'] }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}

// Basic authentication would be a password beside the identity. One after the other: App Service now and then answers 409
// to two changes of one site at a time.
resource ftpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
  dependsOn: [settings]
}

resource scmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
  dependsOn: [ftpPassword]
}

output id string = app.id
output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
