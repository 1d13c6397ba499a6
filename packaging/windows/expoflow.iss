; Inno Setup 6. Not tried yet: no Windows machine was at hand. Make the bundle on Windows first (pyinstaller build.spec),
; then: iscc packaging\windows\expoflow.iss
#define Version "0.1.0"

[Setup]
AppId={{6E1D0C0E-9E0B-4C55-9E52-7A3F1B0C9D11}
AppName=ExpoFlow
AppVersion={#Version}
AppPublisher=The ExpoFlow developers
DefaultDirName={autopf}\ExpoFlow
DefaultGroupName=ExpoFlow
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=expoflow-{#Version}-setup
Compression=lzma2
SolidCompression=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
PrivilegesRequired=admin
UninstallDisplayIcon={app}\expoflow.exe

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
; Inno Setup has no Chinese of its own; put its unofficial translation beside this file to offer it
#if FileExists("ChineseSimplified.isl")
Name: "zh"; MessagesFile: "ChineseSimplified.isl"
#endif

[CustomMessages]
en.CheckMachine=Check this machine
en.Demonstration=ExpoFlow demonstration
#if FileExists("ChineseSimplified.isl")
zh.CheckMachine=检查本机
zh.Demonstration=ExpoFlow 演示
#endif

[Files]
Source: "..\..\dist\expoflow\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\ExpoFlow"; Filename: "{app}\expoflow.exe"; Parameters: "gui"
Name: "{group}\{cm:Demonstration}"; Filename: "{app}\expoflow.exe"; Parameters: "demo"
Name: "{autodesktop}\ExpoFlow"; Filename: "{app}\expoflow.exe"; Parameters: "gui"; Tasks: desktopicon

[Tasks]
Name: desktopicon; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"

[Run]
Filename: "{cmd}"; Parameters: "/k """"{app}\expoflow.exe"" doctor"""; Description: "{cm:CheckMachine}"; Flags: postinstall nowait skipifsilent unchecked

; venues and settings are the user's: an uninstallation leaves them where they are
