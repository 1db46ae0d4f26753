// Orchestrations in the managed scheduler, by private endpoints only.
using '../../../infra/main.bicep'

param environmentName = 'ferry'
param location = 'westeurope'
param privateNetwork = true
param backend = 'durableTaskScheduler'
param schedulerPlan = 'Dedicated'
