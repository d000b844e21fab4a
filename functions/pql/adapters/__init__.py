"""The ports on AWS, on Slack, and in memory."""
