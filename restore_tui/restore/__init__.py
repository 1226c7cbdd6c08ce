"""What one restore is, headless: plan, request, dry run, execution, results, receipt."""
