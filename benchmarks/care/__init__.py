"""Care: how urgent, how severe, what scores say."""
