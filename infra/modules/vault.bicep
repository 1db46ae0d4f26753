// A Recovery Services vault with an identity of its own, for those who have none yet.
param name string
param location string
param tags object

resource vault 'Microsoft.RecoveryServices/vaults@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'RS0', tier: 'Standard' }
  identity: { type: 'SystemAssigned' }
  properties: {
    publicNetworkAccess: 'Enabled'
    securitySettings: {
      softDeleteSettings: { softDeleteState: 'Enabled', softDeleteRetentionPeriodInDays: 14 }
    }
  }
}

output id string = vault.id
