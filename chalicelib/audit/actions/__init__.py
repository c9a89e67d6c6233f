"""What can be done in audit: one public function per verb."""
