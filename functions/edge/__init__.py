"""What runs on CloudFront: the two ends towards the visitor, in JavaScript, and towards the origin."""
