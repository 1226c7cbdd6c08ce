"""What one restore is, headless: plan, request, rehearsal, execution, ledger, receipt."""
