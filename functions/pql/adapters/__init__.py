"""The ports on AWS and on Slack, and those in memory that a command needs."""
