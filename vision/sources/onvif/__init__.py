"""An ONVIF client that finds cameras on the network and reads their streams."""
