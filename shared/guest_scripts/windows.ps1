# azferry: %NAME% runs from a private folder, in a process of its own; the last line of the output tells what it came to.
$ErrorActionPreference = 'Stop'
$code = 'not-started'
$folder = Join-Path ([IO.Path]::GetTempPath()) ('azferry-' + [Guid]::NewGuid().ToString('N'))

function New-PrivateFolder {
    if ($PSVersionTable.PSVersion.Major -ge 6) { [void][IO.Directory]::CreateDirectory($folder); return }
    $rights = New-Object Security.AccessControl.DirectorySecurity  # the system and administrators, nobody else
    $rights.SetSecurityDescriptorSddlForm('D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
    [void][IO.Directory]::CreateDirectory($folder, $rights)
}

# Windows PowerShell takes a script without a byte order mark for one in the machine's own code page.
function Write-File([string]$Name, [object[]]$Lines) {
    $encoding = New-Object Text.UTF8Encoding($Name.EndsWith('.ps1'))
    [IO.File]::WriteAllText((Join-Path $folder $Name), ($Lines -join "`n"), $encoding)
}

# Bounded: agents cut what is too long, one its beginning and another one its end.
function Read-Tail([string]$Name) {
    $path = Join-Path $folder $Name
    if (-not (Test-Path -LiteralPath $path)) { return '' }
    $stream = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite, Delete')
    $size = [int][Math]::Min($stream.Length, [long]'%SHOWN%')
    $bytes = New-Object byte[] $size
    [void]$stream.Seek(-$size, 'End')
    [void]$stream.Read($bytes, 0, $size)
    $stream.Close()
    return [Console]::OutputEncoding.GetString($bytes)
}

# Windows PowerShell has no Kill that takes along what a process started.
function Stop-Tree($Process) {
    if ($PSVersionTable.PSVersion.Major -ge 6) { $Process.Kill($true) } else { taskkill.exe /PID $Process.Id /T /F | Out-Null }
    [void]$Process.WaitForExit(10000)
}

try {
    $shell = Join-Path $PSHOME 'powershell.exe'
    if (-not (Test-Path -LiteralPath $shell)) { $shell = 'pwsh' }
    New-PrivateFolder
    [void](New-Item -ItemType Directory -Path (Join-Path $folder 'files'))
    Write-File 'in' @()
%FILES%
    $env:AZFERRY_FILES = Join-Path $folder 'files'
    $run = @{
        FilePath = $shell
        ArgumentList = '-NonInteractive -NoProfile -ExecutionPolicy Bypass -File "{0}"' -f (Join-Path $folder 'run.ps1')
        RedirectStandardInput = Join-Path $folder 'in'
        RedirectStandardOutput = Join-Path $folder 'out'
        RedirectStandardError = Join-Path $folder 'err'
    }
    $process = Start-Process @run -NoNewWindow -PassThru
    [void]$process.Handle  # without it Windows PowerShell forgets the exit code
    if ($process.WaitForExit([int]'%LIMIT%')) { $code = $process.ExitCode }
    else {
        Stop-Tree $process
        $code = [int]'%TIMEDOUT%'
    }
} catch {
    [Console]::Error.WriteLine("azferry: $_")
}
[Console]::Error.Write((Read-Tail 'err'))
Write-Output (Read-Tail 'out')
Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
Write-Output "%MARK% $code"
if ("$code" -eq '0') { exit 0 }
exit [int]'%FAILED%'
