curl '{base_url}/api/btn-create-invoice/get/' \
  -H 'API-KEY: {api_key}' \
  -H 'Content-Type: application/json' \
  -d '{"email": "customer@example.com", "amount": "{amount}", "devise": "USD", "callbackJson": {"order": "1001"}}'
