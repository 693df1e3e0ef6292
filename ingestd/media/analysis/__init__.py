"""What is seen and heard in a clip: measures of single pictures. PURE."""
