"""What a service manager and a monitoring system see of the daemon: readiness, watchdog, metrics, health."""
