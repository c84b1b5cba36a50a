<?php
$request = curl_init('{base_url}/api/btn-create-invoice/get/');
curl_setopt_array($request, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => ['API-KEY: {api_key}', 'Content-Type: application/json'],
    CURLOPT_POSTFIELDS => json_encode([
        'email' => 'customer@example.com',
        'amount' => '{amount}',
        'devise' => 'USD',
        'callbackJson' => ['order' => '1001'],
    ]),
]);
$answer = json_decode(curl_exec($request), true);
if ($answer['errorCode'] !== 0) {
    throw new Exception($answer['errorMessage']);
}
header('Location: ' . $answer['redirectUrl']);
