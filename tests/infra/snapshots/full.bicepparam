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
param virtualNetworkSubnetId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-n/providers/Microsoft.Network/virtualNetworks/hub/subnets/app'
param maximumInstanceCount = 60
param alwaysReadyInstances = 2
param storageRedundancy = 'Standard_LRS'
param evidenceDays = 400
