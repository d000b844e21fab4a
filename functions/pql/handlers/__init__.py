"""One file per Lambda function, and what several of them share: how they start, answer and report."""
