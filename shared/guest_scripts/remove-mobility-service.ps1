<#
.SYNOPSIS
Removes the Mobility service that a machine brought along from its migration; nothing to remove is well, too.

.DESCRIPTION
Exit codes: 0 it is gone; 3 it is gone, but its driver stays loaded until a restart; 4 it is still there.
#>
[CmdletBinding(PositionalBinding = $false)]
param()

$Installed = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*',
    'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*'
$Product = 'Microsoft Azure Site Recovery Mobility Service*'

function Get-MobilityService {
    Get-ItemProperty -Path $Installed -ErrorAction SilentlyContinue |
        Where-Object { $_.DisplayName -like $Product -and $_.PSChildName -like '{*}' }
}

foreach ($one in @(Get-MobilityService)) {
    $log = Join-Path $env:TEMP 'azferry-remove-mobility-service.log'
    $arguments = '/qn', '/norestart', '/x', $one.PSChildName, '/L+*V', "`"$log`""
    $ended = Start-Process -FilePath 'msiexec.exe' -ArgumentList $arguments -Wait -PassThru
    if (@(0, 1605, 3010) -notcontains $ended.ExitCode) {
        [Console]::Error.WriteLine("msiexec ended with exit code $($ended.ExitCode); see $log")
    }
}
if (@(Get-MobilityService).Count -gt 0) {
    [Console]::Error.WriteLine('the Mobility service is still installed')
    exit 4
}
if ((& "$env:SystemRoot\System32\sc.exe" query InDskFlt 2>&1 | Out-String) -match 'RUNNING') {
    [Console]::Error.WriteLine('the driver InDskFlt is loaded until the machine restarts')
    exit 3
}
exit 0
