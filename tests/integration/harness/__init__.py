"""What the integration suite runs the gateway against: a real Kafka, a real mosquitto, faults between them.

Everything listens on loopback, on free ports, below one folder for each test program, and ends with it.
"""
