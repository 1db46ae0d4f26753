<#
.SYNOPSIS
Tries to connect from this machine to hosts, each with its port; works where Test-NetConnection does not exist (before
Windows Server 2012 R2).

.DESCRIPTION
Exit codes: 0 all of them answer; 13 one does not answer (each is named).

.PARAMETER Places
Such as 10.0.0.4:443,10.0.0.4:9443: hosts by name or address.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory = $true)][string]$Places
)

$Patience = 10000

function Test-Place([string]$There, [int]$Port) {
    $client = New-Object Net.Sockets.TcpClient
    try {
        $trial = $client.BeginConnect($There, $Port, $null, $null)
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
foreach ($place in ($Places -split ',')) {
    $there, $port = $place -split ':'
    if (-not (Test-Place $there $port)) {
        [Console]::Error.WriteLine("port $port of $there is not reachable")
        $code = 13
    }
}
exit $code
