"""AWS Lambda: functions, their requirements and their execution environments."""
