"""What can be done in admin: one public function per verb."""
