# Records a venue from the start of the machine on, by a task of the Task Scheduler under the account LOCAL SERVICE.
# Not tried yet: no Windows machine was at hand.
#
#   powershell -ExecutionPolicy Bypass -File expoflow-record.ps1 -Venue C:\Venues\hall.expoflow
#   powershell -ExecutionPolicy Bypass -File expoflow-record.ps1 -Venue C:\Venues\hall.expoflow -Remove
#
# The account has no credential manager of a session: its passwords lie in an encrypted file in ExpoFlow's folder
# under ProgramData, which it and administrators alone may read.
#Requires -RunAsAdministrator
param(
    [Parameter(Mandatory = $true)][string] $Venue,
    [string] $Program = "$env:ProgramFiles\ExpoFlow\expoflow.exe",
    [switch] $Remove
)
$ErrorActionPreference = 'Stop'
$Venue = (Resolve-Path -LiteralPath $Venue).Path
$name = 'ExpoFlow records ' + (Split-Path $Venue -Leaf)

if ($Remove) {
    & $Program record --stop --venue $Venue
    Unregister-ScheduledTask -TaskName $name -Confirm:$false
    Write-Output "The task '$name' is removed; the venue and what was recorded stay."
    exit 0
}
if (-not (Test-Path -LiteralPath $Program)) { throw "There is no $Program. Give its place with -Program." }

$state = Join-Path $env:ProgramData 'ExpoFlow'
New-Item -ItemType Directory -Force -Path $state | Out-Null
# nobody but administrators, the system and the account
& icacls $state /inheritance:r /grant '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-18:(OI)(CI)F' '*S-1-5-19:(OI)(CI)M' | Out-Null
& icacls $Venue /grant '*S-1-5-19:(OI)(CI)M' | Out-Null

$line = "/c set `"EXPOFLOW_HOME=$state`" && `"$Program`" record --as-service --venue `"$Venue`""
$action = New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\cmd.exe" -Argument $line
$trigger = New-ScheduledTaskTrigger -AtStartup
$account = New-ScheduledTaskPrincipal -UserId 'LOCAL SERVICE' -LogonType ServiceAccount
$settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
    -ExecutionTimeLimit ([TimeSpan]::Zero) -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1)
Register-ScheduledTask -TaskName $name -Action $action -Trigger $trigger -Principal $account -Settings $settings `
    -Force | Out-Null
Start-ScheduledTask -TaskName $name
Write-Output "The task '$name' records $Venue now, and from each start of the machine on."
Write-Output "Its settings, models and passwords lie in $state."
