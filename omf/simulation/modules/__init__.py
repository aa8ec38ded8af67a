"""The part `modules`: Node-RED with its five PLC modules, and the two TXT controllers."""
