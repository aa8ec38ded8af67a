"""The owner of the alarms: judges the rules, carries out acts, writes every passage once."""
