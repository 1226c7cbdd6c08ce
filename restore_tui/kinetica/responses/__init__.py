"""How responses are read: the envelope, JSON in many shapes, and what messages say."""
