"""What is requested: the plan, and the request made from it."""
