<#
.SYNOPSIS
Tries the ports of the replication appliance from this machine; works where Test-NetConnection does not exist (before
Windows Server 2012 R2).

.DESCRIPTION
Exit codes: 0 all of them answer; 13 one does not answer (each is named).
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory = $true)][string]$Appliance,
    [Parameter(Mandatory = $true)][string]$Ports
)

$Patience = 10000

function Test-Port([int]$Port) {
    $client = New-Object Net.Sockets.TcpClient
    try {
        $trial = $client.BeginConnect($Appliance, $Port, $null, $null)
        if (-not $trial.AsyncWaitHandle.WaitOne($Patience)) { return $false }
        $client.EndConnect($trial)
        return $true
    } catch {
        return $false
    } finally {
        $client.Close()
    }
}

$code = 0
foreach ($port in ($Ports -split '[, ]+')) {
    if (-not (Test-Port $port)) {
        [Console]::Error.WriteLine("port $port of $Appliance is not reachable")
        $code = 13
    }
}
exit $code
