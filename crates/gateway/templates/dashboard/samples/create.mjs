const response = await fetch('{base_url}/api/btn-create-invoice/get/', {
  method: 'POST',
  headers: { 'API-KEY': '{api_key}', 'Content-Type': 'application/json' },
  body: JSON.stringify({
    email: 'customer@example.com',
    amount: '{amount}',
    devise: 'USD',
    callbackJson: { order: '1001' },
  }),
});
const answer = await response.json();
if (answer.errorCode !== 0) throw new Error(answer.errorMessage);
console.log(answer.redirectUrl);
