# Looks and changes nothing: which system this is, and the paravirtual drivers that its devices run on.
# Works with Windows PowerShell 2 (Windows Server 2008 R2). Each line that counts begins with `azferry-`; the last one says
# that it came to its end.
$ErrorActionPreference = 'Stop'
try {
    $system = Get-WmiObject -Class Win32_OperatingSystem
    'azferry-system|' + $system.Version + '|' + $system.ServicePackMajorVersion
    Get-WmiObject -Class Win32_PnPSignedDriver |
        Where-Object { $_.DriverProviderName -match 'Amazon|Citrix|Red ?Hat|Xen' } |
        ForEach-Object {
            # devices of one kind are numbered: `AWS PV Network Device #0`
            $device = $_.DeviceName -replace ' #\d+$', ''
            'azferry-driver|' + $_.DriverProviderName + '|' + $device + '|' + $_.DriverVersion
        } |
        Sort-Object -Unique
    'azferry-inspected'
} catch {
    [Console]::Error.WriteLine($_)
    exit 1
}
