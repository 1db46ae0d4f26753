<#
.SYNOPSIS
Installs the Azure Site Recovery Mobility service on this Windows machine and registers it with a replication appliance.

.DESCRIPTION
Sent to EC2 machines through SSM (AWS-RunPowerShellScript) and given to people who install by hand. Run it as often as you
like: what is there already is kept, and a machine that is registered with the same appliance is left alone.
Works with Windows PowerShell 4 and later (Windows Server 2012 R2).

Exit codes: 0 installed and registered; 2 wrong usage; 10 system not supported; 11 not an administrator; 12 not enough free
space; 13 appliance not reachable; 14 installer or configuration not readable; 15 installation failed; 16 registration
failed; 17 installed, but the configuration file is needed; 18 installer damaged.

.PARAMETER Appliance
Private address of the replication appliance; it must answer on the ports given.
.PARAMETER Installer
The agent's installer (Microsoft-ASR_UA_*Windows*.exe): https://..., s3://bucket/key or a path.
.PARAMETER Config
This machine's configuration file, made in the appliance's configurator from the text that this script prints when the file
is missing (exit code 17).
.PARAMETER Sha256
What the installer's SHA-256 must be.
#>
param(
    [string]$Appliance = '',
    [string]$Installer = '',
    [string]$Config = '',
    [string]$Sha256 = '',
    [int[]]$Ports = @(443, 9443),
    [string]$InstallDir = "${env:ProgramFiles(x86)}\Microsoft Azure Site Recovery",
    [int]$MinFreeMb = 2048
)

$ErrorActionPreference = 'Stop'
$Usage = 2; $Unsupported = 10; $NotAdministrator = 11; $NoSpace = 12; $Unreachable = 13; $Unreadable = 14
$NotInstalled = 15; $NotRegistered = 16; $NeedsConfig = 17; $Damaged = 18

$AgentDir = Join-Path $InstallDir 'agent'
$Configurator = Join-Path $AgentDir 'UnifiedAgentConfigurator.exe'
$RcmCli = Join-Path $AgentDir 'AzureRcmCli.exe'
# What was registered is remembered by us: where the agent keeps it differs from version to version.
$Stamp = Join-Path $env:ProgramData 'azferry\registered'
$Work = Join-Path ([IO.Path]::GetTempPath()) ("azferry-" + [Guid]::NewGuid())

function Write-Step([string]$Text) { Write-Output "azferry-agent: $Text" }

function Stop-With([int]$Code, [string]$Text) {
    [Console]::Error.WriteLine("azferry-agent: error ${Code}: $Text")
    if (Test-Path $Work) { Remove-Item -Recurse -Force $Work }
    exit $Code
}

function Test-System {
    if (-not $Appliance) { Stop-With $Usage '-Appliance is required' }
    if (-not $Installer) { Stop-With $Usage '-Installer is required' }
    $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
    if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
        Stop-With $NotAdministrator 'run this as an administrator'
    }
    if (-not [Environment]::Is64BitOperatingSystem) { Stop-With $Unsupported 'only 64-bit Windows is supported' }
    $version = [Environment]::OSVersion.Version
    if ($version -lt [Version]'6.1.7601') { Stop-With $Unsupported "Windows $version is older than Server 2008 R2 SP1" }
    Write-Step "system: Windows $version"
}

function Test-Space {
    $drive = New-Object IO.DriveInfo ([IO.Path]::GetPathRoot($InstallDir))
    $free = [Math]::Floor($drive.AvailableFreeSpace / 1MB)
    if ($free -lt $MinFreeMb) { Stop-With $NoSpace "$($drive.Name) has $free MB free, $MinFreeMb MB are needed" }
}

function Test-Ports {
    foreach ($port in $Ports) {
        $client = New-Object Net.Sockets.TcpClient
        try { $open = $client.ConnectAsync($Appliance, $port).Wait(10000) } catch { $open = $false } finally { $client.Close() }
        if (-not $open) {
            Stop-With $Unreachable "$Appliance does not answer on port ${port}: look at security groups, routes and firewalls"
        }
    }
    Write-Step "appliance $Appliance answers on ports $Ports"
}

function Get-Place([string]$Place, [string]$File, [string]$What) {
    try {
        if ($Place -like 'http*://*') {
            [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
            (New-Object Net.WebClient).DownloadFile($Place, $File)
        } elseif ($Place -like 's3://*') {
            $bucket, $key = $Place.Substring(5).Split('/', 2)
            if (Get-Command Read-S3Object -ErrorAction SilentlyContinue) {
                Read-S3Object -BucketName $bucket -Key $key -File $File | Out-Null
            } else {
                & aws s3 cp --only-show-errors $Place $File
                if ($LASTEXITCODE -ne 0) { throw "aws ended with code $LASTEXITCODE" }
            }
        } else {
            Copy-Item $Place $File
        }
    } catch {
        Stop-With $Unreadable "cannot read the $What from ${Place}: $_"
    }
}

function Install-Agent {
    if (Test-Path $Configurator) {
        Write-Step 'the Mobility service is installed already'
        return
    }
    $setup = Join-Path $Work 'agent.exe'
    Get-Place $Installer $setup 'installer'
    if ($Sha256 -and (Get-FileHash -Algorithm SHA256 $setup).Hash -ne $Sha256) {
        Stop-With $Damaged 'the installer has another SHA-256'
    }
    $unpacked = Join-Path $Work 'agent'
    $unpack = Start-Process -FilePath $setup -ArgumentList '/q', "/x:`"$unpacked`"" -Wait -PassThru
    if ($unpack.ExitCode -ne 0) { Stop-With $Damaged "the installer cannot be unpacked: code $($unpack.ExitCode)" }
    Write-Step 'installing the Mobility service'
    $arguments = '/Platform', 'VmWare', '/Silent', '/Role', 'MS', '/CSType', 'CSPrime', '/InstallLocation', "`"$InstallDir`""
    $install = Start-Process -FilePath (Join-Path $unpacked 'UnifiedAgentInstaller.exe') -ArgumentList $arguments -Wait -PassThru
    # 3010: done, a restart is wanted but not needed for replication
    if ($install.ExitCode -notin 0, 3010) {
        Stop-With $NotInstalled "the installer ended with code $($install.ExitCode): see C:\ProgramData\ASRSetupLogs"
    }
    if (-not (Test-Path $Configurator)) { Stop-With $NotInstalled 'the installer ended well but left no agent' }
}

function Register-Agent {
    if (-not $Config) {
        if ((Test-Path $Stamp) -and (Get-Content $Stamp)[0] -eq $Appliance) { return }
        Write-Step 'make the configuration file in the appliance (Mobility service configuration) from this text:'
        & $RcmCli --getagentconfiginput
        Stop-With $NeedsConfig 'give the configuration file with -Config'
    }
    $file = Join-Path $Work 'config.json'
    Get-Place $Config $file 'configuration'
    $mark = "$Appliance", (Get-FileHash -Algorithm SHA256 $file).Hash
    if ((Test-Path $Stamp) -and -not (Compare-Object (Get-Content $Stamp) $mark)) {
        Write-Step 'registered already'
        return
    }
    Write-Step "registering with $Appliance"
    $arguments = '/SourceConfigFilePath', "`"$file`"", '/CSType', 'CSPrime', '/CredLessDiscovery', 'true'
    $register = Start-Process -FilePath $Configurator -ArgumentList $arguments -Wait -PassThru
    if ($register.ExitCode -ne 0) {
        Stop-With $NotRegistered "the configurator ended with code $($register.ExitCode): see C:\ProgramData\ASRSetupLogs"
    }
    New-Item -ItemType Directory -Force (Split-Path $Stamp) | Out-Null
    Set-Content $Stamp $mark
}

Test-System
New-Item -ItemType Directory $Work | Out-Null
if (-not (Test-Path $Configurator)) { Test-Space }
Test-Ports
Install-Agent
Register-Agent
Remove-Item -Recurse -Force $Work
Write-Step 'installed and registered'
exit 0
