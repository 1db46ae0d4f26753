// The least that can be deployed: no list, no vault, nobody signs in.
using '../../../infra/main.bicep'

param environmentName = 'ferry'
param location = 'westeurope'
