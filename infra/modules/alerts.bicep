// What tells people that something needs them: each rule asks for what the app really sends (docs/telemetry.md).
param location string
param tags object

@description('Id of the Application Insights component that is asked.')
param componentId string

@description('Who gets a mail; empty = alerts are seen in the portal only.')
param email string

@minValue(1)
@maxValue(720)
@description('Hours that a gate may wait.')
param gateHours int

@minValue(5)
@maxValue(1440)
@description('Minutes that a machine may serve nowhere.')
param outageMinutes int

var rules = [
  {
    name: 'azferry stands still'
    description: 'No `reconcile` for half an hour: see "something stands still" in the runbook.'
    severity: 1
    query: 'customMetrics | where name == "azferry_heartbeats_total" and tostring(customDimensions.part) == "reconcile"'
    operator: 'LessThan'
    threshold: 1
  }
  {
    // reconcile asks each of the eight partitions every five minutes with a flow of its own; what lies in one that nobody owns
    // stands still although Azure calls it Running
    name: 'azferry partition stands still'
    description: 'A partition of the task hub was silent for half an hour: see "something stands still" in the runbook.'
    severity: 1
    query: 'customMetrics | where name == "azferry_heartbeats_total" and tostring(customDimensions.part) startswith "partition." | summarize timestamp = max(timestamp) by part = tostring(customDimensions.part)'
    operator: 'LessThan'
    threshold: 8
  }
  {
    name: 'azferry part is late'
    description: 'The watcher of a vault or another part was not seen in time: GET /api/health/details names it.'
    severity: 2
    query: 'traces | where message has "was last seen at" and message endswith "and is late"'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'azferry machine serves nowhere'
    description: 'A machine has served neither on its source nor in Azure for longer than is usual: the page names it first.'
    severity: 1
    query: 'customMetrics | where name == "azferry_waiting_seconds" and tostring(customDimensions["for"]) == "service" and value > ${outageMinutes * 60}'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'azferry gate waits'
    description: 'A gate waits for a decision for long: the page and `azferry inbox` tell which, and who may decide.'
    severity: 2
    query: 'customMetrics | where name == "azferry_waiting_seconds" and tostring(customDimensions["for"]) == "gate" and value > ${gateHours * 3600}'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'azferry replication is critical'
    description: 'Site Recovery calls the health of a copy critical, so that no cutover could be made from it: the machine tells why.'
    severity: 2
    query: 'customMetrics | where name == "azferry_copies_unfit" and tostring(customDimensions.why) == "critical health" and value > 0'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'azferry machine failed'
    description: 'A machine stopped at a failure: its page tells the problem and what to do.'
    severity: 2
    query: 'customMetrics | where name == "azferry_machines_status_total" and tostring(customDimensions.status) == "Failed" and value > 0'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'azferry fault'
    description: 'An activity ended in a defect or a crash: the log has its trace under the reference that the event tells.'
    severity: 2
    query: 'customMetrics | where name == "azferry_activities_total" and tostring(customDimensions.outcome) == "fault" and value > 0'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'azferry message refused'
    description: 'Messages wait in the poison queue for a person: see the runbook.'
    severity: 3
    query: 'traces | where message has "messages wait in" and message endswith "-poison"'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'azferry answers with errors'
    description: 'More than five requests in half an hour ended with 5xx.'
    severity: 2
    query: 'requests | where toint(resultCode) >= 500'
    operator: 'GreaterThan'
    threshold: 5
  }
  {
    name: 'azferry is throttled'
    description: 'Most activities are told to come later: Azure or AWS throttle. Lower AZFERRY_MAX_REPLICATING, or spread plans over subscriptions.'
    severity: 3
    query: 'customMetrics | where name == "azferry_activities_total" | summarize timestamp = max(timestamp), later = sumif(value, tostring(customDimensions.outcome) == "later"), total = sum(value) | where total >= 50 and later > total / 2'
    operator: 'GreaterThan'
    threshold: 0
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'azferry'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'azferry'
    enabled: true
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [for rule in rules: {
  name: rule.name
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.name
    description: rule.description
    severity: rule.severity
    enabled: true
    scopes: [componentId]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: rule.operator
          threshold: rule.threshold
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: empty(email) ? [] : [people.id] }
    autoMitigate: true
  }
}]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'azferry workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'azferry'
    category: 'workbook'
    sourceId: componentId
    version: '1.0'
    serializedData: loadTextContent('../workbook.json')
  }
}
