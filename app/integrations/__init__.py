"""Live and past figures for other systems: REST, events, Prometheus, MQTT, webhooks."""
