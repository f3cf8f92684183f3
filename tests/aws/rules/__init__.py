"""What the templates have to be true to: each rule looks at the whole and finds."""
