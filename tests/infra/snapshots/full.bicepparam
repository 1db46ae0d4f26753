// Everything that a parameter turns on beside a private network: lists in two subscriptions, a vault, sign-in, AWS, plans that make groups.
using '../../../infra/main.bicep'

param environmentName = 'ferry'
param location = 'westeurope'
param tags = { owner: 'ada' }
param costCenter = '4711'
param alertEmail = 'operators@example.org'
param alertGateHours = 48
param alertOutageMinutes = 60
param vaultName = 'rsv-ferry'
param vaultLocation = 'northeurope'
param vaultGroups = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-v'
param discoveryGroups = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-d'
param targetGroups = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-t, /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/RG-T,/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-u'
param networkGroups = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-n'
param cacheGroups = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-c'
param mayCreateGroups = true
param authClientId = '00000000-0000-0000-0000-00000000000a'
param awsFederationAudience = 'api://00000000-0000-0000-0000-00000000000b'
param awsAccounts = '123456789012'
param keepHistories = 60
param maxReplicating = 501
param maxCuttingOver = 101
param channels = 'ops:webhook, night:email'
param tell = 'ops'
param channelSettings = 'OPS_URL=https://hooks.example.com/?a=b|OPS_KEY=@Microsoft.KeyVault(SecretUri=https://kv-ferry.vault.azure.net/secrets/ops)| NIGHT_URL = https://own.communication.azure.com'
param pageAddress = 'https://azferry.example.com'
param webhookHosts = 'hooks.example.com'
param webhookKey = '@Microsoft.KeyVault(SecretUri=https://kv-ferry.vault.azure.net/secrets/plans)'
param privateReceivers = true
param eventGridTopic = true
param virtualNetworkSubnetId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-n/providers/Microsoft.Network/virtualNetworks/hub/subnets/app'
param maximumInstanceCount = 60
param alwaysReadyInstances = 2
param storageRedundancy = 'Standard_LRS'
param evidenceDays = 400
param recordDays = 365
param backupHours = 1
param backupDays = 90
