"""What can be done in accounts: one public function per verb."""
