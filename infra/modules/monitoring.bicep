// Where logs, traces and metrics go; they are sent with the identity, as keys are refused.
param componentName string
param workspaceName string
param location string
param tags object

@description('Object id of the identity that sends telemetry.')
param principalId string

@description('Days that telemetry is kept.')
param retentionDays int = 90

var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: component
  name: guid(component.id, principalId, metricsPublisher)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

// The timer `reconcile` shows itself each five minutes; when it does not, nothing that runs is looked after.
resource standsStill 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: 'azferry stands still'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'azferry stands still'
    description: 'No `reconcile` for half an hour: see "something stands still" in the runbook.'
    severity: 1
    enabled: true
    scopes: [component.id]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    criteria: {
      allOf: [
        {
          query: 'customMetrics | where name == "azferry_heartbeats_total" and tostring(customDimensions.part) == "reconcile"'
          timeAggregation: 'Count'
          operator: 'LessThan'
          threshold: 1
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    autoMitigate: true
  }
}

// `reconcile` asks each of the eight partitions of the task hub every five minutes with a flow of its own; one that does not
// answer is owned by nobody, and what lies in it stands still although Azure calls it Running.
resource partitionStandsStill 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: 'azferry partition stands still'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'azferry partition stands still'
    description: 'A partition of the task hub was silent for half an hour: see "something stands still" in the runbook.'
    severity: 1
    enabled: true
    scopes: [component.id]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    criteria: {
      allOf: [
        {
          query: 'customMetrics | where name == "azferry_heartbeats_total" and tostring(customDimensions.part) startswith "partition." | summarize timestamp = max(timestamp) by part = tostring(customDimensions.part)'
          timeAggregation: 'Count'
          operator: 'LessThan'
          threshold: 8
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    autoMitigate: true
  }
}

output name string = component.name
output connectionString string = component.properties.ConnectionString
