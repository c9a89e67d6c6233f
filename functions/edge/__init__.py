"""What runs on CloudFront: towards the visitor in JavaScript, towards the origin in Python."""
