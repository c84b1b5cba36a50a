import json
import urllib.request

request = urllib.request.Request(
    "{base_url}/api/btn-create-invoice/get/",
    headers={"API-KEY": "{api_key}", "Content-Type": "application/json"},
    data=json.dumps({
        "email": "customer@example.com",
        "amount": "{amount}",
        "devise": "USD",
        "callbackJson": {"order": "1001"},
    }).encode(),
)
with urllib.request.urlopen(request) as response:
    answer = json.load(response)
if answer["errorCode"] != 0:
    raise RuntimeError(answer["errorMessage"])
print(answer["redirectUrl"])
