// Storage and app by private endpoints only, in a network of their own.
using '../../../infra/main.bicep'

param environmentName = 'ferry'
param location = 'westeurope'
param privateNetwork = true
param networkPrefix = '10.91.0.0/24'
