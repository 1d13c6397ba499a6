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
; put the Chinese messages of Inno Setup beside this file to have the installer's own questions in Chinese, too
#if FileExists("ChineseSimplified.isl")
Name: "zh"; MessagesFile: "ChineseSimplified.isl"
#endif

[Files]
Source: "..\..\dist\expoflow\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
; named in the language of Windows, whether the installer speaks it or not
Name: "{group}\ExpoFlow"; Filename: "{app}\expoflow.exe"; Parameters: "gui"
Name: "{group}\{code:NameEntry|demo}"; Filename: "{app}\expoflow.exe"; Parameters: "demo"
Name: "{group}\{code:NameEntry|doctor}"; Filename: "{cmd}"; Parameters: "/k """"{app}\expoflow.exe"" doctor"""
Name: "{autodesktop}\ExpoFlow"; Filename: "{app}\expoflow.exe"; Parameters: "gui"; Tasks: desktopicon

[Tasks]
Name: desktopicon; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"

[Run]
Filename: "{cmd}"; Parameters: "/k """"{app}\expoflow.exe"" doctor"""; Description: "{code:NameEntry|doctor}"; Flags: postinstall nowait skipifsilent unchecked

; venues and settings are the user's: an uninstallation leaves them where they are

[Code]
function NameEntry(Entry: String): String;
var
  IsChinese: Boolean;
begin
  // the primary language of an identifier lies in its lower ten bits
  IsChinese := (GetUILanguage and $3FF) = $04;
  if (Entry = 'demo') and IsChinese then Result := 'ExpoFlow 演示'
  else if Entry = 'demo' then Result := 'ExpoFlow demonstration'
  else if IsChinese then Result := 'ExpoFlow 检查本机'
  else Result := 'ExpoFlow checks this machine';
end;
