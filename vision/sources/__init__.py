"""Sources of frames: streams, files, pictures, USB, ONVIF."""
