$ErrorActionPreference = 'Stop'
$global:LASTEXITCODE = 0
$arguments = %ARGUMENTS%
try { & (Join-Path $PSScriptRoot '%NAME%.ps1') @arguments; $code = $LASTEXITCODE }
catch { [Console]::Error.WriteLine(($_ | Out-String).Trim()); $code = 1 }
exit $code
