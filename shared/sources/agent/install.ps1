<#
.SYNOPSIS
Installs the Azure Site Recovery Mobility service on this Windows machine and registers it with a replication appliance
(or a configuration server).

.DESCRIPTION
Sent to EC2 machines through SSM (AWS-RunPowerShellScript) and given to people who install by hand. Run it as often as you
like: what is there already is kept, and a machine that is registered with the same server is left alone. Two runs at once
wait for each other. Works with Windows PowerShell 4 and later (Windows Server 2012 R2).

Exit codes: 0 installed and registered; 1 a parameter that is not known; 2 wrong usage; 10 system not supported; 11 not an
administrator; 12 not enough free space; 13 server not reachable; 14 installer not readable; 15 installation failed; 16
registration failed; 17 installed, but its configuration file (or the passphrase) is needed; 18 a file is damaged; 19 another
installation did not end within an hour.

.PARAMETER Appliance
Private address of the replication appliance or configuration server; it must answer on the ports given.
.PARAMETER Kind
What that is: appliance (the default) or configurationServer.
.PARAMETER Installer
The agent's installer (Microsoft-ASR_UA_*Windows*.exe): https://..., s3://bucket/key or a path.
.PARAMETER Sha256
What the installer's SHA-256 must be.
.PARAMETER Config
Kind appliance: this machine's configuration file, made in the appliance's configurator from the text that this script prints
while the file is missing (exit code 17). Left out: azferry\config.json below the program files, if it is there.
.PARAMETER ConfigSha256
What the SHA-256 of that file must be.
.PARAMETER Passphrase
Kind configurationServer: the file with its passphrase. Left out: azferry\passphrase.txt below the program files.
.PARAMETER Ports
Ports of the server that must be open from here: 443,9443 unless others are given.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string]$Appliance = '',
    [string]$Kind = 'appliance',
    [string]$Installer = '',
    [string]$Sha256 = '',
    [string]$Config = '',
    [string]$ConfigSha256 = '',
    [string]$Passphrase = '',
    [string[]]$Ports = @('443', '9443'),
    [string]$InstallDir = "${env:ProgramFiles(x86)}\Microsoft Azure Site Recovery",
    [string]$MinFreeMb = '2048'
)

$ErrorActionPreference = 'Stop'
$Usage = 2; $Unsupported = 10; $NotAdministrator = 11; $NoSpace = 12; $Unreachable = 13; $Unreadable = 14
$NotInstalled = 15; $NotRegistered = 16; $NeedsConfig = 17; $Damaged = 18; $Busy = 19
$Minute = 60000

function Write-Step([string]$Text) { Write-Output "azferry-agent: $Text" }

# Ends the run: the one catch below says why, the one finally cleans up.
function Stop-With([int]$Code, [string]$Text) {
    $failure = New-Object InvalidOperationException $Text
    $failure.Data['code'] = $Code
    throw $failure
}

# Addresses may carry a password or a signature: neither is ever printed.
function Hide-Secret([string]$Text) {
    ($Text -replace '(://)[^/@\s]*@', '$1') -replace '(://[^?\s]*)\?\S*', '$1'
}

function Get-Cause($Thrown) {
    $cause = $Thrown.Exception
    while ($cause.InnerException) { $cause = $cause.InnerException }
    Hide-Secret $cause.Message
}

function Test-Usage {
    $numbers = @("$Ports" -split '[\s,]+' | Where-Object { $_ })
    if ($Appliance -notmatch '^[A-Za-z0-9.:-]+$') { Stop-With $Usage '-Appliance is required: an address' }
    if (-not $Installer) { Stop-With $Usage '-Installer is required' }
    if ('appliance', 'configurationServer' -cnotcontains $Kind) { Stop-With $Usage '-Kind is appliance or configurationServer' }
    if ($Classic -and $Config) { Stop-With $Usage 'a configuration server wants -Passphrase, not -Config' }
    if (-not $Classic -and $Passphrase) { Stop-With $Usage 'an appliance wants -Config, not -Passphrase' }
    foreach ($sum in $Sha256, $ConfigSha256) {
        if ($sum -notmatch '^([0-9a-fA-F]{64})?$') { Stop-With $Usage 'a SHA-256 is 64 hexadecimal digits' }
    }
    if (-not $numbers -or ($numbers -notmatch '^[0-9]{1,5}$')) { Stop-With $Usage '-Ports are numbers' }
    if ($MinFreeMb -notmatch '^[0-9]{1,9}$') { Stop-With $Usage '-MinFreeMb is a number' }
    if ($InstallDir -match '["*?<>|]' -or -not [IO.Path]::IsPathRooted($InstallDir)) {
        Stop-With $Usage '-InstallDir is an absolute path'
    }
    foreach ($place in $Installer, $Config, $Passphrase) {
        if ($place -like '*://*' -and $place -notmatch '^(https|s3)://') {
            Stop-With $Usage "$(Hide-Secret $place) is neither https://, s3:// nor a path"
        }
    }
}

function Test-System {
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
    if ($free -lt [int]$MinFreeMb) { Stop-With $NoSpace "$($drive.Name) has $free MB free, $MinFreeMb MB are needed" }
}

function Test-Ports {
    foreach ($port in @("$Ports" -split '[\s,]+' | Where-Object { $_ })) {
        $client = New-Object Net.Sockets.TcpClient
        try { $open = $client.ConnectAsync($Appliance, [int]$port).Wait(10000) } catch { $open = $false } finally { $client.Close() }
        if (-not $open) {
            Stop-With $Unreachable "$Appliance does not answer on port ${port}: look at security groups, routes and firewalls"
        }
    }
    Write-Step "$Kind $Appliance answers on ports $Ports"
}

# A folder below the program files: nobody but administrators can put a file there. The open file is the lock; Windows
# takes it back however we end.
function Enter-Folder {
    New-Item -ItemType Directory -Force $Own | Out-Null
    $until = (Get-Date).AddHours(1)
    while (-not $script:Lock) {
        try { $script:Lock = [IO.File]::Open((Join-Path $Own 'lock'), 'OpenOrCreate', 'ReadWrite', 'None') } catch [IO.IOException] {
            if ((Get-Date) -gt $until) { Stop-With $Busy 'another installation did not end within an hour' }
            if (-not $told) { Write-Step 'another installation runs here: waiting for it' }
            $told = $true
            Start-Sleep -Milliseconds 500
        }
    }
    Get-ChildItem -LiteralPath $Own -Filter 'work-*' | Remove-Item -Recurse -Force # left by a run that was killed
    New-Item -ItemType Directory $Work | Out-Null
}

# Follows redirects itself: never away from https.
function Open-Web([string]$Url) {
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    foreach ($hop in 1..5) {
        if ($Url -notlike 'https://*') { throw 'it leads away from https' }
        $request = [Net.WebRequest]::Create($Url)
        $request.AllowAutoRedirect = $false
        $request.Timeout = $request.ReadWriteTimeout = $Minute
        $answer = $request.GetResponse()
        if ([int]$answer.StatusCode -lt 300) { return $answer }
        $Url = (New-Object Uri $answer.ResponseUri, $answer.Headers['Location']).AbsoluteUri
        $answer.Close()
    }
    throw 'it leads from one address to another without an end'
}

function Save-Web([string]$Url, [string]$File) {
    $answer = Open-Web $Url
    $out = [IO.File]::Create($File)
    try {
        $in = $answer.GetResponseStream()
        $buffer = New-Object byte[] 1048576
        $total = $before = 0
        $clock = [Diagnostics.Stopwatch]::StartNew()
        while (($read = $in.Read($buffer, 0, $buffer.Length)) -gt 0) {
            $out.Write($buffer, 0, $read)
            $total += $read
            if ($clock.ElapsedMilliseconds -lt $Minute) { continue }
            if ($total - $before -lt $Minute) { throw 'fewer than 1000 bytes a second came for a minute' }
            $before = $total
            $clock.Restart()
        }
        if ($answer.ContentLength -ge 0 -and $answer.ContentLength -ne $total) { throw "only $total of $($answer.ContentLength) bytes came" }
    } finally { $out.Close(); $answer.Close() }
}

# Copies a file from the web, from S3 or from this machine; raises why it cannot be read.
function Copy-Place([string]$Place, [string]$File) {
    if ($Place -like 'https://*') {
        foreach ($try in 1..3) {
            try { return Save-Web $Place $File } catch { if ($try -eq 3 -or "$_" -match '\(4\d\d\)|away from') { throw } }
            Start-Sleep -Seconds $try
        }
    } elseif ($Place -like 's3://*') {
        $bucket, $key = $Place.Substring(5).Split([char[]]'/', 2)
        if (Get-Command Read-S3Object -ErrorAction SilentlyContinue) {
            Read-S3Object -BucketName $bucket -Key $key -File $File | Out-Null
        } else {
            & aws s3 cp --only-show-errors $Place $File
            if ($LASTEXITCODE -ne 0) { throw "aws ended with code $LASTEXITCODE" }
        }
    } else {
        Copy-Item -LiteralPath $Place -Destination $File
    }
}

function Test-Sum([string]$File, [string]$Sum) { -not $Sum -or (Get-FileHash -Algorithm SHA256 -LiteralPath $File).Hash -eq $Sum }

function Invoke-Program([string]$Path, [string[]]$Arguments) {
    (Start-Process -FilePath $Path -ArgumentList $Arguments -Wait -PassThru).ExitCode
}

function Test-Installed { (Test-Path -LiteralPath $Configurator) -and -not (Test-Path -LiteralPath $Installing) }

function Install-Agent {
    if (Test-Installed) {
        Write-Step 'the Mobility service is installed already'
        return
    }
    $setup = Join-Path $Work 'agent.exe'
    $unpacked = Join-Path $Work 'agent'
    try { Copy-Place $Installer $setup } catch { Stop-With $Unreadable "cannot read the installer from $(Hide-Secret $Installer): $(Get-Cause $_)" }
    if (-not (Test-Sum $setup $Sha256)) { Stop-With $Damaged 'the installer has another SHA-256' }
    try { $code = Invoke-Program $setup @('/q', "/x:`"$unpacked`"") } catch { Stop-With $Damaged "the installer is no program: $(Get-Cause $_)" }
    if ($code -ne 0) { Stop-With $Damaged "the installer cannot be unpacked: code $code" }
    Write-Step 'installing the Mobility service'
    if (Test-Path -LiteralPath $Stamp) { Remove-Item -LiteralPath $Stamp } # a new agent knows no server
    Set-Content -LiteralPath $Installing 'stays when this is killed: then it is installed again'
    $program = 'UnifiedAgentInstaller.exe', 'UnifiedAgent.exe' | ForEach-Object { Join-Path $unpacked $_ } |
        Where-Object { Test-Path -LiteralPath $_ } | Select-Object -First 1
    if (-not $program) { Stop-With $Damaged 'the installer holds no agent' }
    $code = Invoke-Program $program @('/Platform', 'VmWare', '/Silent', '/Role', 'MS', '/CSType', $CsType, '/InstallLocation', "`"$InstallDir`"")
    # 3010 and 1641: done, a restart is wanted (but not needed for replication)
    if (0, 3010, 1641 -notcontains $code) { Stop-With $NotInstalled "the installer ended with code ${code}: see C:\ProgramData\ASRSetupLogs" }
    if ($code -ne 0) { Write-Step "the installer wants this machine restarted (code $code): do so when it suits" }
    Remove-Item -LiteralPath $Installing
    if (-not (Test-Installed)) { Stop-With $NotInstalled 'the installer ended well but left no agent' }
}

function Stop-ForConfig([string]$Place, [string]$What) {
    if (-not $Classic) {
        Write-Step 'the text of this machine begins'
        & $RcmCli --getagentconfiginput
        if ($LASTEXITCODE -ne 0) { Stop-With $NotRegistered 'the agent does not give its identity' }
        Write-Step 'the text of this machine ends'
    }
    Stop-With $NeedsConfig "the $What is needed: put it to $(Hide-Secret $Place) and run this again"
}

function Register-Agent {
    $what = 'configuration file'; $place = $Config; $here = Join-Path $Own 'config.json'
    if ($Classic) { $what = 'passphrase'; $place = $Passphrase; $here = Join-Path $Own 'passphrase.txt' }
    if (-not $place) { $place = $here }
    $known = @(if (Test-Path -LiteralPath $Stamp) { Get-Content -LiteralPath $Stamp })
    $file = Join-Path $Work 'config'
    try { Copy-Place $place $file } catch {
        if ($known -and $known[0] -eq "$Kind $Appliance") { return Write-Step 'registered already' }
        if ($place -ne $here) { [Console]::Error.WriteLine("azferry-agent: $(Get-Cause $_)") }
        Stop-ForConfig $place $what
    }
    if (-not (Test-Sum $file $ConfigSha256)) { Stop-With $Damaged "the $what has another SHA-256" }
    $mark = "$Kind $Appliance", (Get-FileHash -Algorithm SHA256 -LiteralPath $file).Hash
    if ("$known" -eq "$mark") { return Write-Step 'registered already' }
    Write-Step "registering with $Appliance"
    $given = '/SourceConfigFilePath', "`"$file`"", '/CSType', 'CSPrime', '/CredLessDiscovery', 'true'
    if ($Classic) { $given = '/CSEndPoint', $Appliance, '/PassphraseFilePath', "`"$file`"", '/CSType', 'CSLegacy' }
    $code = Invoke-Program $Configurator $given
    if ($code -ne 0) { Stop-With $NotRegistered "the configurator ended with code ${code}: see C:\ProgramData\ASRSetupLogs" }
    Set-Content -LiteralPath "$Stamp.new" $mark
    Move-Item -LiteralPath "$Stamp.new" -Destination $Stamp -Force
}

$code = 0
$script:Lock = $null
try {
    $Classic = $Kind -ceq 'configurationServer'
    $CsType = if ($Classic) { 'CSLegacy' } else { 'CSPrime' }
    Test-Usage
    Test-System
    $Own = Join-Path $env:ProgramFiles 'azferry'
    $Work = Join-Path $Own "work-$([Guid]::NewGuid())"
    $Installing = Join-Path $Own 'installing'
    # What was registered is remembered by us: where the agent keeps it differs from version to version.
    $Stamp = Join-Path $Own 'registered'
    $AgentDir = Join-Path $InstallDir 'agent'
    $Configurator = Join-Path $AgentDir 'UnifiedAgentConfigurator.exe'
    $RcmCli = Join-Path $AgentDir 'AzureRcmCli.exe'
    if (-not (Test-Installed)) { Test-Space }
    Test-Ports
    Enter-Folder
    Install-Agent
    Register-Agent
    Write-Step 'installed and registered'
} catch {
    $code = $NotInstalled
    if ($_.Exception.Data.Contains('code')) { $code = $_.Exception.Data['code'] }
    [Console]::Error.WriteLine("azferry-agent: error ${code}: $(Get-Cause $_)")
} finally {
    if ($script:Lock) {
        if (Test-Path -LiteralPath $Work) { Remove-Item -LiteralPath $Work -Recurse -Force -ErrorAction SilentlyContinue }
        $script:Lock.Close()
    }
}
exit $code
