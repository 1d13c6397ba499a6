"""Run ExpoFlow and its tests by the Windows build of Python, under Wine."""
